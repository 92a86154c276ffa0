import { Segmented } from "antd";
import { seconds } from "../format";
import { useAddress } from "./useAddress";

/** Seconds that a page can look back: the longest is what channels keep for charts. */
const SPANS = ["300", "900", "3600"] as const;
const LONGEST = "3600";

function useChosen() {
  const [chosen, choose] = useAddress("last", LONGEST);
  return [SPANS.find((span) => span === chosen) ?? LONGEST, choose] as const;
}

/** How far this page looks back, in milliseconds. */
export const useSpan = (): number => Number(useChosen()[0]) * 1_000;

/** Chooses how far the page looks back; it stands in the address. `label`: for who can't see it. */
export function SpanPicker({ label }: { readonly label: string }) {
  const [chosen, choose] = useChosen();
  const options = SPANS.map((value) => ({ value, label: seconds(Number(value)) }));
  return <Segmented aria-label={label} value={chosen} onChange={choose} options={options} />;
}
