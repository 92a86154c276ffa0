import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import Markdown from "../../src/pages/chat/Markdown";

afterEach(cleanup);

const HOSTILE = [
  "<script>globalThis.owned = 1</script>",
  '<img src=x onerror="globalThis.owned = 1">',
  "[click](javascript:globalThis.owned=1)",
  "![pixel](https://evil.example/p.png)",
  "<https://x.example/?a=<script>>",
  "[data](data:text/html,<script>globalThis.owned=1</script>)",
  "```html\n<script>globalThis.owned = 1</script>\n```",
].join("\n\n");

it("what is hostile stays text", () => {
  const { container } = render(<Markdown>{HOSTILE}</Markdown>);
  expect(container.querySelectorAll("script, img, iframe, [onerror]")).toHaveLength(0);
  for (const link of container.querySelectorAll("a")) {
    expect(link.getAttribute("href")).toMatch(/^https:/);
    expect(link.rel).toContain("noopener");
  }
  expect(container.textContent).toContain("<script>globalThis.owned = 1</script>");
  expect("owned" in globalThis).toBe(false);
});

it("tables, lists and citations are what they are", () => {
  const open = vi.fn();
  const { container } = render(<Markdown cited={[1]} open={open}>{"| a | b |\n|---|---|\n| 1 | 2 |\n\n- x [1] and [7]\n\n`y [1]`"}</Markdown>);
  expect(container.querySelectorAll("td")).toHaveLength(2);
  const cite = screen.getByRole("button", { name: "1" });
  fireEvent.click(cite);
  expect(open).toHaveBeenCalledWith(1);
  expect(container.querySelector("code")?.textContent).toBe("y [1]");
});

it("headings are below those of the page, and boxes of tasks are signs", () => {
  const { container } = render(<Markdown>{"# a\n\n## b\n\n### c\n\n- [x] done\n- [ ] open"}</Markdown>);
  expect([...container.querySelectorAll("h1, h2, h3, h4, input")].map(({ tagName }) => tagName)).toEqual(["H3", "H3", "H4"]);
  expect([...container.querySelectorAll("li")].map(({ textContent }) => textContent?.trim())).toEqual(["☑ done", "☐ open"]);
});

it("notes stand at the end, and lead nowhere else", () => {
  const { container } = render(<Markdown>{"Owls[^1] sleep.\n\n[^1]: By day.\n\n[up](#top)"}</Markdown>);
  expect(container.querySelectorAll("a, h2")).toHaveLength(0);
  expect(container.querySelector("sup")?.textContent).toBe("1");
  expect(container.querySelector("section li")?.textContent?.trim()).toBe("By day.");
  expect(container.textContent).toContain("up");
});
