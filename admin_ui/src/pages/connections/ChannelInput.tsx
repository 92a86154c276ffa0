import { AutoComplete, type AutoCompleteProps } from "antd";
import { useAnswer } from "../../hub/api";

type Passed = "allowClear" | "aria-label" | "aria-required" | "id" | "onChange" | "placeholder" | "value";

/** The name of a channel, one of the hub's or any other. */
export function ChannelInput({ "aria-required": _required, ...props }: Pick<AutoCompleteProps, Passed>) {
  // A form says that it is required; antd would say so of a box around the input, where it means nothing.
  const { data } = useAnswer("/api/channels");
  const options = data?.channels.map(({ channel }) => ({ value: channel })) ?? [];
  return <AutoComplete {...props} options={options} filterOption={(text, option) => option?.value.includes(text) ?? false} />;
}
