import { createRoot } from "react-dom/client";
import { StrictMode } from "react";
import { RouterProvider } from "react-router";
import { SessionProvider } from "./hub/session";
import { startLanguages } from "./i18n/language";
import { makeRouter } from "./router";
import { ThemeProvider } from "./theme/theme";
import "./theme/base.css";

await startLanguages();

const place = document.getElementById("root");
if (!place) throw new Error("expected an element with the id root");

createRoot(place).render(
  <StrictMode>
    <ThemeProvider>
      <SessionProvider>
        {/* As a transition, a way to another page would wait while an answer comes: each of its words would put it off. */}
        <RouterProvider router={makeRouter()} useTransitions={false} />
      </SessionProvider>
    </ThemeProvider>
  </StrictMode>,
);
