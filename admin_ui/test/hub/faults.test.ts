import { HubError } from "tocsin-client";
import { expect, it } from "vitest";
import { faultsOf } from "../../src/hub/faults";

const wrong = (message: string) => new HubError("invalid_data", message);

it("what is wrong stands at its field, the rest under none", () => {
  const known = ["name", "config.temperature", "config.fallback_models"];
  expect(faultsOf(wrong("name: too long; config.temperature: at most 2: really"), known)).toEqual({ name: "too long", "config.temperature": "at most 2: really" });
  expect(faultsOf(wrong("config.fallback_models.0: no such model; odd: no such field"), known)).toEqual({ "config.fallback_models": "no such model", "": "odd: no such field" });
  expect(faultsOf(wrong("Missing name parameter"), known)).toEqual({ name: "Missing name parameter" });
});

it("other refusals are about no field", () => {
  expect(faultsOf(new HubError("conflict", "name: taken"), ["name"])).toEqual({});
  expect(faultsOf(new Error("x"), ["name"])).toEqual({});
});
