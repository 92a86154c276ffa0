import { InboxOutlined } from "@ant-design/icons";
import { Form, Input, Modal, Segmented, Upload, type UploadFile } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Refused } from "../../components/Refused";
import { useAction } from "../../hub/api";

const KINDS = ["default", "folder", "upload"] as const;
type Kind = (typeof KINDS)[number];

/** Starts a training: of the documents' folder, of another one on the hub's machine, or of files from here. */
export function StartForm({ close }: { readonly close: () => void }) {
  const { t } = useTranslation("training");
  const navigate = useNavigate();
  const [kind, setKind] = useState<Kind>("default");
  const [folder, setFolder] = useState("");
  const [files, setFiles] = useState<readonly UploadFile[]>([]);
  const start = useAction((api) => api.post("/train", bodyOf(kind, folder, files)), { stale: ["/train"], done: t("start.done"), quiet: true });
  const ready = kind === "default" || (kind === "folder" ? folder.trim() !== "" : files.length > 0);
  const go = () => ready && start.mutate(undefined, { onSuccess: ({ id }) => void navigate(`/training/${encodeURIComponent(id)}`) });
  return (
    <Modal open title={t("start.title")} onCancel={close} onOk={go} okText={t("start.go")} okButtonProps={{ disabled: !ready }} confirmLoading={start.isPending}>
      <Form layout="vertical" onFinish={go}>
        <Form.Item>
          <Segmented block aria-label={t("start.title")} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(`start.${value}`) }))} />
        </Form.Item>
        {kind === "default" && <p className="soft">{t("start.defaultAbout")}</p>}
        {kind === "folder" && (
          <Form.Item label={t("start.folderLabel")} extra={t("start.folderAbout")} htmlFor="folder">
            <Input id="folder" className="mono" value={folder} spellCheck={false} autoFocus onChange={({ target }) => setFolder(target.value)} placeholder="/srv/documents/norms" />
          </Form.Item>
        )}
        {kind === "upload" && (
          <Upload.Dragger multiple fileList={[...files]} beforeUpload={() => false} onChange={({ fileList }) => setFiles(fileList)}>
            <InboxOutlined aria-hidden style={{ fontSize: 28 }} />
            <p>{t("start.drop")}</p>
          </Upload.Dragger>
        )}
        <Refused error={start.error} />
      </Form>
    </Modal>
  );
}

function bodyOf(kind: Kind, folder: string, files: readonly UploadFile[]) {
  if (kind === "default") return {};
  if (kind === "folder") return { body: { folder: folder.trim() } };
  const form = new FormData();
  for (const { name, originFileObj } of files) if (originFileObj) form.append("files", originFileObj, name);
  return { body: form };
}
