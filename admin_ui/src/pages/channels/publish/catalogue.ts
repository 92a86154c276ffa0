import type { DataSchema } from "./validation";

/** What this page reads of the hub's AsyncAPI document. */
export interface Contract {
  readonly components?: { readonly schemas?: Readonly<Record<string, DataSchema>> };
}

/** How the document names the schemas of typed messages; their parts stand behind a further dot. */
const DATA = "data.";

/** The hub's typed messages: each type's schema of its data. */
export class Catalogue {
  readonly types: readonly string[];
  readonly #schemas: ReadonlyMap<string, DataSchema>;

  constructor(contract: Contract) {
    const every = Object.entries(contract.components?.schemas ?? {});
    this.#schemas = new Map(every.filter(([name]) => name.startsWith(DATA)));
    this.types = [...this.#schemas.keys()].map((name) => name.slice(DATA.length)).filter((name) => !name.includes(".")).sort();
  }

  /** What a type is for, in one sentence. */
  about(type: string): string | undefined {
    const about = this.#schemas.get(DATA + type)?.["description"];
    return typeof about === "string" ? about : undefined;
  }

  /** The schema of a type's data, whole in itself; `undefined` for a type that is free. */
  schema(type: string): DataSchema | undefined {
    if (!this.#schemas.has(DATA + type)) return undefined;
    return { $ref: `#/components/schemas/${DATA}${type}`, components: { schemas: Object.fromEntries(this.#schemas) } };
  }
}
