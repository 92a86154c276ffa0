import { describe, expect, it } from "vitest";
import { byUrgency, firing, matchersFor, readMatchers, sorted, wantedOf, webLink, writeMatchers, type AlertState } from "../../src/pages/alerts/alerts";

const alert = (fields: Partial<AlertState>): AlertState => ({
  name: "host_disk",
  severity: "warning",
  status: "firing",
  summary: "The disk is full",
  labels: {},
  started_at: "2026-11-21T10:00:00Z",
  owner: "n-1",
  silenced_by: [],
  ...fields,
});

describe("the order", () => {
  it("puts what is most urgent first", () => {
    const alerts = [
      alert({ name: "info", severity: "info" }),
      alert({ name: "pending", severity: "critical", status: "pending" }),
      alert({ name: "silenced", severity: "critical", silenced_by: ["s-1"] }),
      alert({ name: "attended", severity: "critical", acknowledged: { by: "ops", at: "", note: "" } }),
      alert({ name: "older", severity: "critical" }),
      alert({ name: "newer", severity: "critical", started_at: "2026-11-21T10:05:00Z" }),
    ];
    expect([...alerts].sort(byUrgency).map(({ name }) => name)).toEqual(["newer", "older", "attended", "info", "silenced", "pending"]);
  });

  it("takes what is over apart, the last one first", () => {
    const { open, resolved } = sorted([
      alert({ name: "a", status: "resolved", ended_at: "2026-11-21T10:01:00Z" }),
      alert({ name: "b" }),
      alert({ name: "c", status: "resolved", ended_at: "2026-11-21T10:02:00Z" }),
    ]);
    expect([open, resolved].map((list) => list.map(({ name }) => name))).toEqual([["b"], ["c", "a"]]);
  });
});

describe("looking for alerts", () => {
  const alerts = [alert({ labels: { host: "web-1" } }), alert({ name: "error_rate", severity: "critical", summary: "12 % fail" })];

  it.each([
    ["disk WEB-1", "", ["host_disk"]],
    ["host=web", "", ["host_disk"]],
    ["", "critical", ["error_rate"]],
    ["fail", "warning", []],
    ["", "", ["host_disk", "error_rate"]],
  ])("%j of severity %j", (text, severity, names) =>
    expect(wantedOf(alerts, { text, severity }).map(({ name }) => name)).toEqual(names));
});

it("doesn't count what a silence covers, and what is over", () => {
  const alerts = [alert({}), alert({ silenced_by: ["s-1"] }), alert({ status: "resolved" }), alert({ status: "pending" })];
  expect(firing(alerts, "warning")).toBe(1);
});

describe("links", () => {
  it("lead to the web only", () => {
    expect(webLink("https://wiki.example/x")).toBe("https://wiki.example/x");
    for (const address of ["javascript:alert(1)", " https://x", "data:text/html,x", "", undefined]) expect(webLink(address)).toBeUndefined();
  });
});

describe("matchers", () => {
  it("are read as they are written", () => {
    const matchers = matchersFor(alert({ labels: { host: "web 1", query: "a=b" } }));
    expect(readMatchers(writeMatchers(matchers))).toEqual({ name: "host_disk", host: "web 1", query: "a=b" });
  });

  it.each(["", "\n \n", "name", "=x", "name=\n", "two words=x"])("are refused: %j", (text) => expect(readMatchers(text)).toBeUndefined());
});
