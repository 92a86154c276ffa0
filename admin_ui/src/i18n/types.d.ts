import "i18next";
import type agents from "../locales/en/agents.json";
import type alerts from "../locales/en/alerts.json";
import type analysis from "../locales/en/analysis.json";
import type channels from "../locales/en/channels.json";
import type chat from "../locales/en/chat.json";
import type common from "../locales/en/common.json";
import type connections from "../locales/en/connections.json";
import type database from "../locales/en/database.json";
import type firewall from "../locales/en/firewall.json";
import type memory from "../locales/en/memory.json";
import type overview from "../locales/en/overview.json";
import type search from "../locales/en/search.json";
import type training from "../locales/en/training.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      agents: typeof agents;
      alerts: typeof alerts;
      analysis: typeof analysis;
      channels: typeof channels;
      chat: typeof chat;
      common: typeof common;
      connections: typeof connections;
      database: typeof database;
      firewall: typeof firewall;
      memory: typeof memory;
      overview: typeof overview;
      search: typeof search;
      training: typeof training;
    };
  }
}
