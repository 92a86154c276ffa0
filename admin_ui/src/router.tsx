import i18next from "i18next";
import { createBrowserRouter, Navigate } from "react-router";
import { PageFailed } from "./components/PageFailed";
import { PAGES } from "./pages";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";

/** One route per page, and what is below it. A page's code and texts come with its first visit. */
export const makeRouter = () =>
  createBrowserRouter(
    [
      {
        element: <Shell />,
        errorElement: <PageFailed whole />,
        HydrateFallback: () => null,
        children: [
          { index: true, element: <Navigate to={`/${PAGES[0]?.name}`} replace /> },
          ...PAGES.map(({ name, load }) => ({
            path: `/${name}/*`,
            handle: name,
            errorElement: <PageFailed />,
            lazy: async () => {
              const [{ default: Component }] = await Promise.all([load(), i18next.loadNamespaces(name)]);
              return { Component };
            },
          })),
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
    { basename: new URL(document.baseURI).pathname },
  );
