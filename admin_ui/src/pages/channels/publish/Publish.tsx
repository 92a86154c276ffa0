import { FormatPainterOutlined, SendOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Checkbox, Drawer, Grid, Input, Space } from "antd";
import { useDeferredValue, useId, useMemo, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Publication } from "tocsin-client";
import { bytes } from "../../../format";
import { useAction, type Schema } from "../../../hub/api";
import { useSession } from "../../../hub/session";
import type { ChannelState } from "../list/rows";
import { checked, checkOf, pathIn, randomKey, type Checked } from "./draft";
import { Editor, type EditorHandle } from "./Editor";
import { exampleOf } from "./example";
import { placeOf, spanOf, type Span } from "./jsonText";
import { Outcome } from "./Outcome";
import styles from "./Publish.module.css";
import { useCatalogue } from "./useContract";
import { Wrongs, type Wrong } from "./Wrongs";

interface PublishProps {
  readonly state: ChannelState;
  /** A message to begin with. */
  readonly draft?: Publication | undefined;
  close(): void;
}

type Placed = Schema<"Placed">;

/** Publishes to a channel. What is wrong is shown where it is, before and after the hub was asked. */
export default function Publish({ state, draft, close }: PublishProps) {
  const { t } = useTranslation("channels");
  const { sm } = Grid.useBreakpoint();
  const { hub } = useSession();
  const { channel, options } = state;
  const catalogue = useCatalogue();
  const [type, setType] = useState(draft?.type ?? "");
  const [text, setText] = useState(() => JSON.stringify(draft?.data ?? {}, null, 2));
  const [key, setKey] = useState(options.conflate === "key" ? (draft?.key ?? "") : "");
  const [once, setOnce] = useState("");
  const [echo, setEcho] = useState(true);
  const [tried, setTried] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const ids = { type: useId(), data: useId(), key: useId(), once: useId(), wrong: useId() };

  const settled = useDeferredValue(text);
  const ofType = useMemo(() => checkOf(catalogue?.schema(type)), [catalogue, type]);
  const ofChannel = useMemo(() => checkOf(state.schema), [state.schema]);
  const found = useMemo(() => checked(settled, ofChannel, ofType), [settled, ofChannel, ofType]);

  const send = useAction(
    (api, data: unknown): Promise<Placed> => {
      const body = { channel, type, data, ...(key && { key }), ...(once && { idempotency_key: once }), ...(!echo && { except: String(hub.welcome?.["client_id"]) }) };
      return api.post("/api/publish", { body }) as Promise<Placed>; // one channel is named, so one place is answered
    },
    { stale: ["/api/channels/{channel}", "/api/channels/{channel}/history"], quiet: true },
  );
  const refusedAt = send.error ? pathIn(send.error) : undefined;
  const spans = found.read.fault ? undefined : found.read.spans;
  const wrongs = wrongsOf(found, refusedAt);
  const show = (span: Span | undefined) => span && editor.current?.show(span);
  const first = (): Span | undefined => {
    if (found.fault) return [found.fault.offset, found.fault.offset + 1];
    const [complaint] = found.refused;
    return complaint && spans && spanOf(spans, complaint.pointer);
  };
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setTried(true);
    const now = checked(text, ofChannel, ofType);
    if (!type.trim() || now.read.fault || now.refused.length) return type.trim() ? show(first()) : document.getElementById(ids.type)?.focus();
    send.mutate(now.read.value);
  };
  const change = (value: string) => {
    setText(value);
    send.reset();
  };
  const about = catalogue?.about(type);
  const schema = catalogue?.schema(type) ?? state.schema;
  const marks = marksOf(settled, found, wrongs);
  return (
    <Drawer open onClose={close} mask={false} width={sm ? 560 : "100%"} title={t("publish.to", { channel })} destroyOnHidden>
      <form
        className={styles["form"]}
        onSubmit={submit}
        onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event)}
      >
        <div className={styles["field"]}>
          <label htmlFor={ids.type}>{t("publish.type")}</label>
          <AutoComplete
            id={ids.type}
            value={type}
            onChange={(value: string) => setType(value)}
            options={(catalogue?.types ?? []).filter((name) => name.includes(type)).map((name) => ({ value: name }))}
            status={tried && !type.trim() ? "error" : ""}
            maxLength={128}
          />
          {tried && !type.trim() ? <p className={styles["bad"]}>{t("publish.noType")}</p> : <p className="soft">{about ?? t("publish.freeType")}</p>}
        </div>
        <div className={styles["field"]}>
          <div className={styles["head"]}>
            <label htmlFor={ids.data}>{t("publish.data")}</label>
            <span className="soft">{bytes(new TextEncoder().encode(text).length)}</span>
            <span className={styles["space"]} />
            {schema && <Button size="small" onClick={() => change(JSON.stringify(exampleOf(schema, new Date()), null, 2))}>{t("publish.example")}</Button>}
            <Button size="small" icon={<FormatPainterOutlined />} disabled={!!found.fault} onClick={() => !found.read.fault && setText(JSON.stringify(found.read.value, null, 2))}>{t("publish.format")}</Button>
          </div>
          <Editor ref={editor} id={ids.data} value={text} change={change} marks={marks} describedBy={ids.wrong} label={t("publish.data")} />
          <Wrongs id={ids.wrong} fault={found.fault} wrongs={wrongs} show={(pointer) => show(found.fault ? first() : spans && spanOf(spans, pointer))} />
        </div>
        {options.conflate === "key" && (
          <div className={styles["field"]}>
            <label htmlFor={ids.key}>{t("publish.key")}</label>
            <Input id={ids.key} value={key} onChange={({ target }) => setKey(target.value)} maxLength={128} className="mono" />
            <p className="soft">{t("publish.keyAbout")}</p>
          </div>
        )}
        <div className={styles["field"]}>
          <label htmlFor={ids.once}>{t("publish.once")}</label>
          <Space.Compact block>
            <Input id={ids.once} value={once} onChange={({ target }) => setOnce(target.value)} maxLength={128} className="mono" />
            <Button onClick={() => setOnce(randomKey())}>{t("publish.makeKey")}</Button>
          </Space.Compact>
          <p className="soft">{t("publish.onceAbout")}</p>
        </div>
        <Checkbox checked={echo} onChange={({ target }) => setEcho(target.checked)}>{t("publish.echo")}</Checkbox>
        <div className={styles["send"]}>
          <Button type="primary" htmlType="submit" icon={<SendOutlined />} loading={send.isPending}>{found.unexpected.length && !found.refused.length ? t("publish.anyway") : t("publish.title")}</Button>
          <span className="soft">{t("publish.shortcut")}</span>
        </div>
        <Outcome placed={send.data} error={send.error} />
      </form>
    </Drawer>
  );
}

function wrongsOf(found: Checked, refusedAt: string | undefined): readonly Wrong[] {
  return [
    ...found.refused.map((complaint): Wrong => ({ ...complaint, severity: "refused" })),
    ...found.unexpected.map((complaint): Wrong => ({ ...complaint, severity: "unexpected" })),
    ...(refusedAt === undefined || found.refused.length ? [] : [{ pointer: refusedAt, severity: "refused", reason: { word: "hub", what: "" } } as const]),
  ];
}

/** The lines that wrong parts begin in. */
function marksOf(text: string, { fault, read }: Checked, wrongs: readonly Wrong[]): ReadonlySet<number> {
  if (fault || read.fault) return new Set(fault && [fault.line]);
  return new Set(wrongs.map(({ pointer }) => placeOf(text, spanOf(read.spans, pointer)?.[0] ?? 0).line));
}
