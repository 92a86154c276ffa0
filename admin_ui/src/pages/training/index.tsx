import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { Job } from "./Job";
import { Jobs } from "./Jobs";

/** Trainings, and one of them. */
export default function Training() {
  useTranslation("training");
  return (
    <Routes>
      <Route index element={<Jobs />} />
      <Route path=":training" element={<Job />} />
    </Routes>
  );
}
