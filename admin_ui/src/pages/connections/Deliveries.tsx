import { Button, Form, Input, InputNumber, Select } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Loaded } from "../../components/Loaded";
import { Nothing } from "../../components/Nothing";
import { Panel } from "../../components/Panel";
import { Partial } from "../../components/Partial";
import { When } from "../../components/When";
import { count } from "../../format";
import { useAnswer } from "../../hub/api";
import type { AnswerTo } from "../../hub/api";
import { ChannelInput } from "./ChannelInput";
import { asAddress, questionIn, WHO, type Question, type Who } from "./connections";
import styles from "./Connections.module.css";
import { DeliveryView } from "./DeliveryView";

/** Answers "why did this user not get message X?" from the hub's delivery records. The question stands in the address. */
export function Deliveries() {
  const { t } = useTranslation("connections");
  const [params, setParams] = useSearchParams();
  const question = questionIn(params);
  const ask = (next: Question) => setParams({ tab: "deliveries", ...asAddress(next) });
  return (
    <div className={styles["list"]}>
      <QuestionForm question={question} ask={ask} />
      {question.name && question.channel ? (
        <Answer key={params.toString()} question={question} /> // nobody's answer stands there while another's is on its way
      ) : (
        <Nothing title={t("why.title")} height={220}>{t("why.about")}</Nothing>
      )}
    </div>
  );
}

interface Fields {
  readonly who: Who;
  readonly name: string;
  readonly channel: string;
  readonly offset: number | null;
}

function QuestionForm({ question, ask }: { readonly question: Question; readonly ask: (question: Question) => void }) {
  const { t } = useTranslation("connections");
  const [form] = Form.useForm<Fields>();
  const { who, name, channel, offset } = question;
  useEffect(() => form.setFieldsValue({ who, name, channel, offset: offset ? Number(offset) : null }), [form, who, name, channel, offset]);
  const required = [{ required: true, whitespace: true, message: t("why.missing") }];
  const submit = (fields: Fields) =>
    ask({ who: fields.who, name: fields.name.trim(), channel: fields.channel.trim(), offset: fields.offset ? String(fields.offset) : "" });
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={submit} className={styles["question"] ?? ""}>
      <Form.Item name="who" label={t("why.by")}>
        <Select options={WHO.map((value) => ({ value, label: t(`who.${value}`) }))} popupMatchSelectWidth={false} />
      </Form.Item>
      <Form.Item name="name" label={t("why.who")} rules={required}>
        <Input data-search spellCheck={false} autoComplete="off" />
      </Form.Item>
      <Form.Item name="channel" label={t("why.channel")} rules={required}>
        <ChannelInput />
      </Form.Item>
      <Form.Item name="offset" label={t("why.offset")}>
        <InputNumber min={1} precision={0} placeholder={t("why.newest")} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item label={<span aria-hidden="true">&nbsp;</span>}>
        <Button type="primary" htmlType="submit" block>{t("why.ask")}</Button>
      </Form.Item>
    </Form>
  );
}

function Answer({ question }: { readonly question: Question }) {
  const { who, name, channel, offset } = question;
  const answer = useAnswer("/api/deliveries", { query: { [who]: name, channel, ...(offset && { offset: Number(offset) }) } }, { every: 5_000 });
  return <Loaded answer={answer} rows={8}>{(found) => <Found found={found} />}</Loaded>;
}

function Found({ found }: { readonly found: AnswerTo<"/api/deliveries"> }) {
  const { t } = useTranslation("connections");
  const { channel, epoch, offset, deliveries, sessions, more_sessions, recorded_since } = found;
  return (
    <>
      <Partial answer={found} />
      <Panel title={t("why.answer")} note={<>{t("why.top", { channel, epoch, offset: count(offset) })} · {t("why.since")} <When at={recorded_since} exact /></>} flush>
        {deliveries.length ? (
          <ul className={styles["deliveries"]}>
            {[...deliveries].reverse().map((delivery) => (
              <li key={`${delivery.publication.epoch} ${delivery.publication.offset}`}>
                <DeliveryView delivery={delivery} sessions={sessions} alone={deliveries.length === 1} />
              </li>
            ))}
          </ul>
        ) : (
          <Nothing>{t("why.nothing")}</Nothing>
        )}
      </Panel>
      {more_sessions !== undefined && <p className="soft">{t("why.moreSessions", { count: more_sessions })}</p>}
    </>
  );
}
