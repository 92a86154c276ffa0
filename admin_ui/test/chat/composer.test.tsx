import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startLanguages } from "../../src/i18n/language";
import i18next from "i18next";
import type { Agent } from "../../src/hub/my";
import { Composer } from "../../src/pages/chat/Composer";
import type { Asked } from "../../src/pages/chat/useSending";

vi.mock("../../src/hub/member", () => ({ useMember: () => ({ subject: "ada" }) }));

const agent = (name: string) => ({ id: `id-${name}`, name, config: { description: `${name} helps` } }) as unknown as Agent;
const AGENTS = ["coder", "cook", "writer"].map(agent);

beforeAll(async () => {
  vi.stubGlobal("ResizeObserver", class { observe() {} unobserve() {} disconnect() {} });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} }));
  await startLanguages("en");
  await i18next.loadNamespaces("chat");
});

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const opened = (session = "s1", send: (asked: Asked) => unknown = vi.fn()) => {
  const view = render(<Composer session={session} agents={AGENTS} target="id-writer" choose={vi.fn()} active={false} send={send} />);
  const field = screen.getByLabelText<HTMLTextAreaElement>("Message");
  const write = (value: string) => {
    fireEvent.change(field, { target: { value } });
    field.setSelectionRange(value.length, value.length);
    fireEvent.select(field);
  };
  const press = (key: string, more: object = {}) => fireEvent.keyDown(field, { key, ...more });
  const names = () => screen.queryAllByRole("option").map((option) => `${option.getAttribute("aria-selected") === "true" ? ">" : ""}${option.querySelector("strong")?.textContent}`);
  return { view, field, write, press, names, send: send as ReturnType<typeof vi.fn> };
};

describe("keys", () => {
  it("Enter sends to the chosen agent, and empties the field", () => {
    const { write, press, send, field } = opened();
    write("  hello  ");
    press("Enter");
    expect(send).toHaveBeenCalledWith({ content: "hello", target: "id-writer", policy: "queue" });
    expect(field.value).toBe("");
  });

  it("Shift+Enter breaks the line, and an input method's Enter is its own", () => {
    const { write, press, send } = opened();
    write("你好");
    press("Enter", { shiftKey: true });
    press("Enter", { isComposing: true });
    press("Enter", { keyCode: 229 });
    expect(send).not.toHaveBeenCalled();
    press("Enter");
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("nothing isn't sent", () => {
    const { write, press, send } = opened();
    write(" \n ");
    press("Enter");
    expect(send).not.toHaveBeenCalled();
  });
});

describe("names after @", () => {
  it("are offered, chosen by keys, and put in", () => {
    const { write, press, names, field, send } = opened();
    write("ask @co");
    expect(names()).toEqual([">coder", "cook"]);
    press("ArrowDown");
    expect(names()).toEqual(["coder", ">cook"]);
    press("ArrowDown");
    press("ArrowUp");
    press("Enter");
    expect([field.value, names(), send.mock.calls.length]).toEqual(["ask @cook ", [], 0]);
    press("Enter"); // now it sends, and the hub finds out who was called
    expect(send).toHaveBeenCalledWith({ content: "ask @cook", target: undefined, policy: "queue" });
  });

  it("are chosen by the pointer too", () => {
    const { write, field } = opened();
    write("@wr");
    fireEvent.pointerDown(screen.getByRole("option"));
    expect(field.value).toBe("@writer ");
  });

  it("go away with Escape, which then stops nothing", () => {
    const { write, press, names } = opened();
    const above = vi.fn();
    document.body.addEventListener("keydown", above);
    write("@co");
    press("Escape");
    expect([names(), above.mock.calls.length]).toEqual([[], 0]);
    document.body.removeEventListener("keydown", above);
  });
});

it("what couldn't be sent comes before what was begun since, once", () => {
  const { view, write, field } = opened();
  const composer = (given: { readonly content: string }) => <Composer session="s1" agents={AGENTS} target="id-writer" choose={vi.fn()} given={given} active={false} send={vi.fn()} />;
  const given = { content: "@nobdy hello" };
  write("and more");
  view.rerender(composer(given));
  expect([field.value, document.activeElement]).toEqual(["@nobdy hello\nand more", field]);
  write("@nobody hello");
  view.rerender(composer(given));
  expect(field.value).toBe("@nobody hello");
});

describe("a draft", () => {
  it("is kept for each session, and goes when it is sent", () => {
    const first = opened("s1");
    first.write("not yet");
    first.view.unmount();
    expect(opened("s2").field.value).toBe("");
    cleanup();
    const again = opened("s1");
    expect(again.field.value).toBe("not yet");
    again.press("Enter");
    cleanup();
    expect(opened("s1").field.value).toBe("");
  });

  it("comes back when it couldn't be sent", async () => {
    const { write, press, field } = opened("s1", () => Promise.reject(new Error("away")));
    write("hello");
    press("Enter");
    await vi.waitFor(() => expect(field.value).toBe("hello"));
  });
});
