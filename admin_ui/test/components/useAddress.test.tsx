import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider, useNavigate } from "react-router";
import { describe, expect, it } from "vitest";
import { useAddress } from "../../src/components/useAddress";

const begin = (address: string) => {
  const seen: { router?: ReturnType<typeof createMemoryRouter> } = {};
  const wrapper = ({ children }: { children: ReactNode }) => {
    seen.router ??= createMemoryRouter([{ path: "*", element: <>{children}</> }], { initialEntries: [address] });
    return <RouterProvider router={seen.router} />;
  };
  const { result } = renderHook(() => ({ text: useAddress("text"), other: useAddress("other"), go: useNavigate() }), { wrapper });
  return { result, search: () => seen.router?.state.location.search };
};

describe("a setting in the address", () => {
  it("keeps all of what is typed faster than the address follows", async () => {
    const { result, search } = begin("/page?type=x");
    await act(async () => {
      for (const typed of ["M", "MO", "MON"]) result.current.text[1](typed);
      expect(result.current.text[0]).toBe("");
    });
    expect([result.current.text[0], search()]).toEqual(["MON", "?type=x&text=MON"]);
    await act(async () => result.current.text[1](""));
    expect([result.current.text[0], search()]).toEqual(["", "?type=x"]);
  });

  it("leaves another one alone that was changed in the same moment", async () => {
    const { result, search } = begin("/page?text=a&other=b");
    await act(async () => {
      result.current.text[1]("");
      result.current.other[1]("c");
    });
    expect([search(), result.current.text[0], result.current.other[0]]).toEqual(["?other=c", "", "c"]);
  });

  it("follows a link to the same page", async () => {
    const { result } = begin("/page?text=before");
    expect(result.current.text[0]).toBe("before");
    await act(async () => result.current.text[1]("typed"));
    await act(async () => result.current.text[1]("typed"));
    await act(async () => result.current.go("/page?text=linked"));
    expect(result.current.text[0]).toBe("linked");
    await act(async () => result.current.go("/page"));
    expect(result.current.text[0]).toBe("");
  });
});
