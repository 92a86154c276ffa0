import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { objectIn } from "./json";

interface JsonInputProps {
  readonly name: string;
  readonly label: string;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly extra?: string;
}

/** A form's field that holds an object of JSON, as text. */
export function JsonInput({ name, label, rows = 4, placeholder = "{}", extra }: JsonInputProps) {
  const { t } = useTranslation("firewall");
  const check = (_: unknown, text: string | undefined) => (objectIn(text ?? "") ? Promise.resolve() : Promise.reject(new Error(t("form.notAnObject"))));
  return (
    <Form.Item name={name} label={label} rules={[{ validator: check }]} validateTrigger="onBlur" {...(extra && { extra })}>
      <Input.TextArea rows={rows} className="mono" spellCheck={false} placeholder={placeholder} />
    </Form.Item>
  );
}
