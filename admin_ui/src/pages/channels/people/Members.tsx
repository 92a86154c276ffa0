import { DeleteOutlined, UserAddOutlined } from "@ant-design/icons";
import { Button, Input, Popconfirm } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../../components/Loaded";
import { Nothing } from "../../../components/Nothing";
import { Panel } from "../../../components/Panel";
import { count } from "../../../format";
import { useAction, useAnswer } from "../../../hub/api";
import { isName, kindOf, type ChannelState } from "../list/rows";
import styles from "./People.module.css";

const MEMBERS = "/api/channels/{channel}/members";

/** Who belongs to a channel that goes by members, for operators. */
export function Members({ state }: { readonly state: ChannelState }) {
  const { t } = useTranslation("channels");
  const { channel, options } = state;
  const rules = [options.subscribe, options.publish, options.history, options.presence];
  if (kindOf(channel) === "user" || !rules.includes("members")) return null;
  return (
    <Panel title={t("members.title")} note={t("members.about")} flush>
      <Belonging channel={channel} />
    </Panel>
  );
}

function Belonging({ channel }: { readonly channel: string }) {
  const { t } = useTranslation("channels");
  const members = useAnswer(MEMBERS, { params: { channel } }, { every: 10_000 });
  const [user, setUser] = useState("");
  const add = useAction((api, name: string) => api.put("/api/channels/{channel}/members/{user}", { params: { channel, user: name } }), { stale: [MEMBERS] });
  const expel = useAction((api, name: string) => api.delete("/api/channels/{channel}/members/{user}", { params: { channel, user: name } }), {
    stale: [MEMBERS, "/api/channels/{channel}/presence"],
    done: ({ ended }) => t("members.expelled", { count: ended, number: count(ended) }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isName(user)) add.mutate(user, { onSuccess: () => setUser("") });
  };
  return (
    <>
      <form className={styles["add"]} onSubmit={submit}>
        <Input value={user} onChange={({ target }) => setUser(target.value.trim())} placeholder={t("members.user")} aria-label={t("members.user")} status={user && !isName(user) ? "error" : ""} maxLength={128} />
        <Button htmlType="submit" icon={<UserAddOutlined />} disabled={!isName(user)} loading={add.isPending}>{t("members.add")}</Button>
      </form>
      <Loaded answer={members}>
        {({ members: added, configured }) =>
          added.length + configured.length ? (
            <ul className={styles["members"]}>
              {configured.map((name) => (
                <li key={name}>
                  <span className="mono cut">{name}</span> <span className="soft">{t("members.configured")}</span>
                </li>
              ))}
              {added.filter((name) => !configured.includes(name)).map((name) => (
                <li key={name}>
                  <span className="mono cut">{name}</span>
                  <Popconfirm title={t("members.expelAsk", { user: name, channel })} description={t("members.expelAbout")} okText={t("members.expel")} okButtonProps={{ danger: true }} onConfirm={() => expel.mutate(name)}>
                    <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t("members.expelOne", { user: name })} />
                  </Popconfirm>
                </li>
              ))}
            </ul>
          ) : (
            <Nothing height={80}>{t("members.none")}</Nothing>
          )
        }
      </Loaded>
    </>
  );
}
