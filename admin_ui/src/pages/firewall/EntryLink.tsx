import { Link } from "react-router";

/** Leads to a record or a rule by its id. */
export function EntryLink({ id, rule = false, className = "" }: { readonly id: string; readonly rule?: boolean; readonly className?: string }) {
  const to = rule ? `/firewall/rules?rule=${encodeURIComponent(id)}` : `/firewall/records/${encodeURIComponent(id)}`;
  return <Link to={to} className={`mono ${className}`}>{id}</Link>;
}
