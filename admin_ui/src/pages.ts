import {
  AlertOutlined, ApiOutlined, BugOutlined, CodeOutlined, DashboardOutlined, DatabaseOutlined, FileSearchOutlined,
  MessageOutlined, NodeIndexOutlined, ReadOutlined, RobotOutlined, ThunderboltOutlined,
} from "@ant-design/icons";
import type { AriaAttributes, ComponentType } from "react";

/** What can be looked at, in the order of the menu. A page's texts have its name as their namespace. */

export type Group = "hub" | "people" | "platform" | "work";

export type PageName =
  | "overview" | "channels" | "connections" | "chat" | "agents" | "database" | "search" | "firewall" | "alerts" | "training" | "analysis" | "memory";

export interface PageEntry {
  readonly name: PageName;
  readonly group: Group;
  readonly icon: ComponentType<AriaAttributes>;
  /** Its numbers are for operators alone. */
  readonly operators: boolean;
  /** The second key of its shortcut: g, then this. */
  readonly key: string;
  load(): Promise<{ default: ComponentType }>;
}

export const PAGES: readonly PageEntry[] = [
  { name: "overview", group: "hub", icon: DashboardOutlined, operators: false, key: "o", load: () => import("./pages/overview") },
  { name: "channels", group: "hub", icon: ThunderboltOutlined, operators: false, key: "c", load: () => import("./pages/channels") },
  { name: "connections", group: "hub", icon: ApiOutlined, operators: true, key: "n", load: () => import("./pages/connections") },
  { name: "chat", group: "people", icon: MessageOutlined, operators: false, key: "h", load: () => import("./pages/chat") },
  { name: "agents", group: "people", icon: RobotOutlined, operators: false, key: "e", load: () => import("./pages/agents") },
  { name: "database", group: "platform", icon: DatabaseOutlined, operators: false, key: "d", load: () => import("./pages/database") },
  { name: "search", group: "platform", icon: FileSearchOutlined, operators: false, key: "v", load: () => import("./pages/search") },
  { name: "firewall", group: "platform", icon: BugOutlined, operators: false, key: "f", load: () => import("./pages/firewall") },
  { name: "alerts", group: "platform", icon: AlertOutlined, operators: false, key: "a", load: () => import("./pages/alerts") },
  { name: "training", group: "work", icon: ReadOutlined, operators: false, key: "t", load: () => import("./pages/training") },
  { name: "analysis", group: "work", icon: CodeOutlined, operators: false, key: "y", load: () => import("./pages/analysis") },
  { name: "memory", group: "work", icon: NodeIndexOutlined, operators: false, key: "m", load: () => import("./pages/memory") },
];
