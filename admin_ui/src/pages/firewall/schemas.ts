import type { FormRule } from "antd";
import type { TFunction } from "i18next";

/** What forms may hold, as the hub itself describes the bodies that it takes. */

interface Property {
  readonly anyOf?: readonly Property[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

interface Model {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Property>>;
}

/** The hub's models, by their names. */
export type Models = Readonly<Record<string, Model>>;

const bare = (property: Property | undefined): Property => property?.anyOf?.find(({ type }) => type !== "null") ?? property ?? {};

/** What a field of a body may be. Nothing is demanded before the hub has said it. */
export function propertyOf(models: Models, model: string, field: string): Property & { readonly required: boolean } {
  const { required = [], properties = {} } = models[model] ?? {};
  return { ...bare(properties[field]), required: required.includes(field) };
}

/** The checks of a form's field. `optional`: the whole of the model may be left out. */
export function rulesOf(models: Models, model: string, field: string, t: TFunction<"firewall">, optional = false): FormRule[] {
  const { required, maxLength } = propertyOf(models, model, field);
  return [
    ...(required && !optional ? [{ required, whitespace: true, message: t("form.required") }] : []),
    ...(maxLength === undefined ? [] : [{ max: maxLength, message: t("form.tooLong", { most: maxLength }) }]),
  ];
}
