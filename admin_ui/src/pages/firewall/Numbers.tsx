import { useTranslation } from "react-i18next";
import { Stat, Stats } from "../../components/Stat";
import { count, share } from "../../format";
import type { Schema } from "../../hub/api";

/** The firewall's own numbers, of the process that answers. */
export function Numbers({ stats }: { readonly stats: Schema<"FirewallStatistics"> }) {
  const { t } = useTranslation("firewall");
  const of = (part: number) => (stats.checks ? t("stat.ofChecks", { share: share(part / stats.checks) }) : undefined);
  return (
    <Stats>
      <Stat label={t("stat.checks")} value={count(stats.checks)} about={t("stat.about.checks")} note={stats.degraded_checks ? t("stat.degraded", { number: count(stats.degraded_checks) }) : undefined} />
      {stats.dry_run ? (
        <Stat label={t("stat.wouldBlock")} value={count(stats.would_block)} about={t("stat.about.wouldBlock")} note={of(stats.would_block)} tone={stats.would_block ? "bad" : "plain"} />
      ) : (
        <Stat label={t("stat.blocked")} value={count(stats.blocks)} about={t("stat.about.blocked")} note={of(stats.blocks)} tone={stats.blocks ? "bad" : "plain"} />
      )}
      <Stat label={t("stat.warned")} value={count(stats.warns)} about={t("stat.about.warned")} note={of(stats.warns)} tone={stats.warns ? "warn" : "plain"} />
      <Stat label={t("stat.passed")} value={count(stats.passes)} about={t("stat.about.passed")} note={of(stats.passes)} />
      <Stat label={t("stat.overridden")} value={count(stats.overrides)} about={t("stat.about.overridden")} />
      <Stat
        label={t("stat.falseBlocks")}
        value={share(stats.false_block_rate)}
        about={t("stat.about.falseBlocks")}
        note={t("stat.falseNote", { blocks: count(stats.false_blocks), warnings: count(stats.false_warnings) })}
        tone={(stats.false_block_rate ?? 0) > 0.05 ? "bad" : "plain"}
      />
      <Stat
        label={t("stat.recorded")}
        value={count(stats.recorded)}
        about={t("stat.about.recorded")}
        note={stats.failed || stats.unwritten ? t("stat.lost", { failed: count(stats.failed), unwritten: count(stats.unwritten) }) : t("stat.known", { number: count(stats.entries) })}
        tone={stats.failed || stats.unwritten ? "warn" : "plain"}
      />
    </Stats>
  );
}
