import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { Job } from "./Job";
import { Jobs } from "./Jobs";

/** Analyses of repositories, and one of them. */
export default function Analysis() {
  useTranslation("analysis");
  return (
    <Routes>
      <Route index element={<Jobs />} />
      <Route path=":analysis" element={<Job />} />
    </Routes>
  );
}
