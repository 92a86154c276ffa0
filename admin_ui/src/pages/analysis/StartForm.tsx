import { Checkbox, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Refused } from "../../components/Refused";
import { useAction } from "../../hub/api";

interface Fields {
  readonly path: string;
  readonly ref?: string;
  readonly base?: string;
  readonly working_tree?: boolean;
}

/** Starts an analysis of a repository on the hub's machine. */
export function StartForm({ close }: { readonly close: () => void }) {
  const { t } = useTranslation("analysis");
  const navigate = useNavigate();
  const [form] = Form.useForm<Fields>();
  const start = useAction(
    (api, { path, ref, base, working_tree = false }: Fields) =>
      api.post("/api/analyses", { body: { path, working_tree, ...(ref && { ref }), ...(base && { base }) } }),
    { stale: ["/api/analyses"], done: t("start.done"), quiet: true },
  );
  const go = (fields: Fields) => start.mutate(fields, { onSuccess: ({ id }) => void navigate(`/analysis/${encodeURIComponent(id)}`) });
  return (
    <Modal open title={t("start.title")} onCancel={close} onOk={form.submit} okText={t("start.go")} confirmLoading={start.isPending}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={go}>
        <Form.Item name="path" label={t("start.path")} extra={t("start.pathAbout")} rules={[{ required: true, message: t("start.pathMissing") }]}>
          <Input className="mono" spellCheck={false} autoFocus placeholder="/srv/git/name.git" />
        </Form.Item>
        <Form.Item name="ref" label={t("start.ref")} extra={t("start.refAbout")}>
          <Input className="mono" spellCheck={false} placeholder="HEAD" />
        </Form.Item>
        <Form.Item name="base" label={t("start.base")} extra={t("start.baseAbout")}>
          <Input className="mono" spellCheck={false} />
        </Form.Item>
        <Form.Item name="working_tree" valuePropName="checked">
          <Checkbox>{t("start.workingTree")}</Checkbox>
        </Form.Item>
      </Form>
      <Refused error={start.error} />
    </Modal>
  );
}
