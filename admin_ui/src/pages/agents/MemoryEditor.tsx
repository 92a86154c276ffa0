import { App, Button, Form, Input, Modal, Select, Skeleton, Slider } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { HubError } from "tocsin-client";
import { Facts } from "../../components/Facts";
import { isOff } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Refused } from "../../components/Refused";
import { When } from "../../components/When";
import { useMine, useMyAction } from "../../hub/member";
import type { MemoryItem } from "../../hub/my";
import { KINDS } from "./memories";

/** What a user may add: exchanges come of themselves. */
const OWN = KINDS.filter((kind) => kind !== "episode");

type Own = (typeof OWN)[number];
type Stale = readonly ["/my/agents/{agent_id}/memories/", "/my/agents/{agent_id}/memories/usage"];

interface EditorProps {
  readonly agent: string;
  /** Absent: a new one. */
  readonly memory: string | undefined;
  readonly stale: Stale;
  readonly close: () => void;
}

/** A memory as a whole, to be changed, forgotten, or made. */
export function MemoryEditor({ agent, memory, stale, close }: EditorProps) {
  return memory ? <Known id={memory} stale={stale} close={close} /> : <Fresh agent={agent} stale={stale} close={close} />;
}

function Fresh({ agent, stale, close }: Omit<EditorProps, "memory">) {
  const { t } = useTranslation("agents");
  const [form] = Form.useForm<{ text: string; kind: Own }>();
  const add = useMyAction((api, body: { text: string; kind: Own }) => api.post("/my/agents/{agent_id}/memories/", { params: { agent_id: agent }, body }), { stale, done: t("memory.added"), quiet: true });
  return (
    <Modal open title={t("memory.add")} onCancel={close} okText={t("memory.add")} okButtonProps={{ loading: add.isPending }} onOk={form.submit}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "fact" }} onFinish={(body) => add.mutate(body, { onSuccess: close })}>
        <Form.Item name="text" label={t("memory.text")} rules={[{ required: true, whitespace: true, message: t("memory.textNeeded") }]}><Input.TextArea autoFocus autoSize={{ minRows: 3, maxRows: 12 }} maxLength={20_000} /></Form.Item>
        <Form.Item name="kind" label={t("memory.kind")}><Select options={OWN.map((value) => ({ value, label: t(`kind.${value}`) }))} /></Form.Item>
      </Form>
      <Refused error={add.error} />
    </Modal>
  );
}

function Known({ id, stale, close }: { readonly id: string; readonly stale: Stale; readonly close: () => void }) {
  const { t } = useTranslation(["agents", "common"]);
  const { modal } = App.useApp();
  const params = { memory_id: id };
  const { data, error } = useMine("/my/memories/{memory_id}", { params });
  const [form] = Form.useForm<{ text: string; importance: number }>();
  const all = [...stale, "/my/memories/{memory_id}"] as const;
  const change = useMyAction((api, body: { text?: string; importance?: number }) => api.patch("/my/memories/{memory_id}", { params, body }), { stale: all, done: t("memory.changed"), quiet: true });
  const forget = useMyAction((api) => api.delete("/my/memories/{memory_id}", { params }), { stale, done: t("memory.forgotten") });
  const ask = () => modal.confirm({ title: t("memory.forgetTitle"), content: t("memory.forgetAbout"), okText: t("memory.forget"), okButtonProps: { danger: true }, onOk: () => forget.mutateAsync(undefined).then(close) });
  const footer = (
    <div style={{ display: "flex", gap: 8 }}>
      <Button danger onClick={ask} disabled={!data}>{t("memory.forget")}</Button>
      <span style={{ flex: 1 }} />
      <Button onClick={close}>{t("common:action.cancel")}</Button>
      <Button type="primary" loading={change.isPending} disabled={!data} onClick={form.submit}>{t("common:action.save")}</Button>
    </div>
  );
  return (
    <Modal open title={t("memory.one")} onCancel={close} footer={footer} width={640}>
      {isOff(error) ? <Nothing>{t("memory.gone")}</Nothing> : data ? <Fields memory={data} form={form} error={change.error} submit={(body) => change.mutate(body, { onSuccess: close })} /> : <Skeleton active />}
    </Modal>
  );
}

interface FieldsProps {
  readonly memory: MemoryItem;
  readonly form: ReturnType<typeof Form.useForm<{ text: string; importance: number }>>[0];
  readonly error: HubError | null;
  readonly submit: (body: { text?: string; importance?: number }) => void;
}

function Fields({ memory, form, error, submit }: FieldsProps) {
  const { t } = useTranslation("agents");
  const { text, importance, source, created_at, updated_at, embedding } = memory;
  const session = typeof source === "object" && source ? (source as { readonly session_id?: unknown }).session_id : undefined;
  const finish = (entered: { text: string; importance: number }) => submit({ ...(entered.text !== text && { text: entered.text }), ...(entered.importance !== importance && { importance: entered.importance }) });
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={{ text, importance }} onFinish={finish}>
      <Form.Item name="text" label={t("memory.text")} rules={[{ required: true, whitespace: true, message: t("memory.textNeeded") }]}><Input.TextArea autoSize={{ minRows: 4, maxRows: 16 }} /></Form.Item>
      <Form.Item name="importance" label={t("memory.importance")}><Slider min={0} max={1} step={0.05} ariaLabelForHandle={t("memory.importance")} /></Form.Item>
      <Facts
        items={[
          [t("memory.source"), typeof session === "string" && <Link to={`/chat/${session}`}>{t("memory.session")}</Link>],
          [t("memory.made"), <When key="made" at={created_at} />],
          [t("memory.edited"), updated_at !== created_at && <When key="edited" at={updated_at} />],
          [t("memory.vector"), t(`vector.${embedding}`)],
        ]}
      />
      <Refused error={error} />
    </Form>
  );
}
