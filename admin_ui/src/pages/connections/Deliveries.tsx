import { AutoComplete, Button, Form, Input, InputNumber, Select } from "antd";
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
import { asQuery, questionIn, WHO, type Question, type Who } from "./connections";
import styles from "./Connections.module.css";
import { DeliveryView } from "./DeliveryView";

/** Answers "why did this user not get message X?" from the hub's delivery records. The question stands in the address. */
export function Deliveries() {
  const { t } = useTranslation("connections");
  const [params, setParams] = useSearchParams();
  const question = questionIn(params);
  const ask = (next: Question) => setParams({ tab: "deliveries", ...asQuery(next) });
  return (
    <div className={styles["list"]}>
      <QuestionForm key={params.toString()} question={question} ask={ask} />
      {question ? <Answer question={question} /> : <Nothing title={t("why.title")} height={220}>{t("why.about")}</Nothing>}
    </div>
  );
}

interface Fields {
  readonly who: Who;
  readonly name: string;
  readonly channel: string;
  readonly offset?: number | null;
}

function QuestionForm({ question, ask }: { readonly question: Question | undefined; readonly ask: (question: Question) => void }) {
  const { t } = useTranslation("connections");
  const channels = useAnswer("/api/channels").data?.channels ?? [];
  const required = [{ required: true, whitespace: true, message: t("why.missing") }];
  const submit = ({ who, name, channel, offset }: Fields) => ask({ who, name: name.trim(), channel: channel.trim(), offset: offset ? String(offset) : "" });
  const initial = { who: question?.who ?? "user", name: question?.name ?? "", channel: question?.channel ?? "", offset: question?.offset ? Number(question.offset) : null };
  return (
    <Form layout="vertical" requiredMark={false} initialValues={initial} onFinish={submit} className={styles["question"] ?? ""}>
      <Form.Item name="who" label={t("why.by")}>
        <Select options={WHO.map((value) => ({ value, label: t(`who.${value}`) }))} popupMatchSelectWidth={false} />
      </Form.Item>
      <Form.Item name="name" label={t("why.who")} rules={required}>
        <Input data-search className="mono" spellCheck={false} autoComplete="off" />
      </Form.Item>
      <Form.Item name="channel" label={t("why.channel")} rules={required}>
        <AutoComplete options={channels.map(({ channel: value }) => ({ value }))} filterOption={(text, option) => option?.value.includes(text) ?? false} />
      </Form.Item>
      <Form.Item name="offset" label={t("why.offset")}>
        <InputNumber min={1} precision={0} placeholder={t("why.newest")} style={{ width: "100%" }} />
      </Form.Item>
      <Button type="primary" htmlType="submit">{t("why.ask")}</Button>
    </Form>
  );
}

function Answer({ question }: { readonly question: Question }) {
  const answer = useAnswer("/api/deliveries", { query: { ...asQuery(question), channel: question.channel } }, { every: 5_000 });
  return <Loaded answer={answer} rows={8}>{(found) => <Found found={found} />}</Loaded>;
}

function Found({ found }: { readonly found: AnswerTo<"/api/deliveries"> }) {
  const { t } = useTranslation("connections");
  const { channel, epoch, offset, deliveries, sessions, more_sessions, recorded_since } = found;
  return (
    <>
      <Partial answer={found} />
      <Panel title={t("why.answer")} note={<>{t("why.top", { channel, epoch, offset: count(offset) })} · {t("why.since")} <When at={recorded_since} /></>} flush>
        {deliveries.length ? (
          <ul className={styles["deliveries"]}>
            {[...deliveries].reverse().map((delivery) => (
              <li key={`${delivery.publication.epoch} ${delivery.publication.offset}`}>
                <DeliveryView delivery={delivery} sessions={sessions} open={deliveries.length === 1} />
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
