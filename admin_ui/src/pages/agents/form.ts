import type { Agent, AgentConfig } from "../../hub/my";

/** What is entered of an agent. */
export interface Entered {
  readonly name: string;
  readonly config: AgentConfig;
}

/** As the hub has it for what isn't told. */
export const NEW: Entered = {
  name: "",
  config: {
    instructions: "",
    description: "",
    model: "",
    fallback_models: [],
    temperature: null,
    max_tokens: null,
    history_messages: 10,
    history_tokens: 4_000,
    memory: true,
    recall: 5,
  },
};

/** What stands in the form of an agent that is there. */
export const enteredOf = ({ name, config }: Pick<Agent, "name" | "config">): Entered => ({ name, config: { ...NEW.config, ...config } });

/** The fields, as the hub names them in what it refuses. */
export const FIELDS = ["name", ...Object.keys(NEW.config).map((name) => `config.${name}`)];

/** Letters and digits of any script, `-` and `_`, beginning with a letter or digit: what may stand behind an `@`. */
export const isName = (text: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]{0,63}$/u.test(text.trim());

/** Only what is another now. */
export function changesIn(before: AgentConfig, now: AgentConfig): Partial<AgentConfig> {
  const changed = Object.entries(now).filter(([name, value]) => JSON.stringify(value ?? null) !== JSON.stringify(before[name as keyof AgentConfig] ?? null));
  return Object.fromEntries(changed.map(([name, value]) => [name, value ?? null]));
}
