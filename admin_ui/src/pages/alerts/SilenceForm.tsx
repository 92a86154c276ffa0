import { Form, Input, Modal, Select } from "antd";
import { useTranslation } from "react-i18next";
import { seconds as inWords } from "../../format";
import { useAction } from "../../hub/api";
import { readMatchers, writeMatchers } from "./alerts";

/** What a silence begins with. */
export interface SilenceDraft {
  readonly matchers?: Readonly<Record<string, string>>;
}

interface Fields {
  readonly matchers: string;
  readonly seconds: number;
  readonly comment?: string;
}

const TIMES = [900, 3_600, 4 * 3_600, 12 * 3_600, 86_400, 7 * 86_400, 30 * 86_400];

/** Makes a silence: which alerts, for how long, and why. */
export function SilenceForm({ draft, close }: { readonly draft: SilenceDraft; readonly close: () => void }) {
  const { t } = useTranslation(["alerts", "common"]);
  const [form] = Form.useForm<Fields>();
  const make = useAction(
    (api, { matchers, seconds, comment = "" }: Fields) =>
      api.post("/api/alerts/silences", { body: { matchers: readMatchers(matchers) ?? {}, seconds, comment } }),
    { stale: ["/api/alerts/silences", "/api/alerts"], done: t("silence.done") },
  );
  const check = (_: unknown, value: string) => (readMatchers(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("silence.matchersWrong"))));
  return (
    <Modal open title={t("silence.title")} onCancel={close} onOk={form.submit} okText={t("silence.make")} confirmLoading={make.isPending}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ matchers: writeMatchers(draft.matchers ?? {}), seconds: 3_600 }} onFinish={(fields) => make.mutate(fields, { onSuccess: close })}>
        <Form.Item name="matchers" label={t("silence.matchers")} extra={t("silence.matchersHelp")} rules={[{ validator: check }]}>
          <Input.TextArea className="mono" autoSize={{ minRows: 3, maxRows: 10 }} spellCheck={false} placeholder={"name=host_*\nhost=web-1"} />
        </Form.Item>
        <Form.Item name="seconds" label={t("silence.for")}>
          <Select options={TIMES.map((value) => ({ value, label: inWords(value) }))} />
        </Form.Item>
        <Form.Item name="comment" label={t("silence.comment")}>
          <Input maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
