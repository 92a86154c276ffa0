import { theme, type ThemeConfig } from "antd";
import { MONO, PALETTES, SANS, type Mode } from "./palette";

/** Ant Design in the product's colours and measures. */
export const antTheme = (mode: Mode): ThemeConfig => {
  const palette = PALETTES[mode];
  return {
    algorithm: mode === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    cssVar: { key: `tocsin-${mode}` },
    hashed: false,
    token: {
      colorPrimary: palette.accent,
      colorInfo: palette.info,
      colorSuccess: palette.good,
      colorWarning: palette.warn,
      colorError: palette.bad,
      colorLink: palette.accent,
      colorBgBase: palette.surface,
      colorTextBase: palette.ink,
      colorBgLayout: palette.ground,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.raised,
      colorText: palette.ink,
      colorTextSecondary: palette.soft,
      colorTextTertiary: palette.faint,
      colorTextDescription: palette.soft,
      colorTextPlaceholder: palette.faint,
      colorBorder: palette.edge,
      colorBorderSecondary: palette.line,
      colorSplit: palette.line,
      colorErrorText: palette.bad,
      // Not derived from the base colours: on warm paper the derived ones are mud.
      colorSuccessBg: palette.goodGround,
      colorSuccessBorder: palette.line,
      colorInfoBg: palette.infoGround,
      colorInfoBorder: palette.line,
      colorWarningBg: palette.warnGround,
      colorWarningBorder: palette.line,
      colorErrorBg: palette.badGround,
      colorErrorBorder: palette.line,
      fontFamily: SANS,
      fontFamilyCode: MONO,
      fontSize: 14,
      borderRadius: 7,
      controlHeight: 34,
      wireframe: false,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
    },
    components: {
      Table: {
        headerBg: "transparent",
        headerColor: palette.soft,
        headerSplitColor: "transparent",
        rowHoverBg: palette.hover,
        rowSelectedBg: palette.accentGround,
        rowSelectedHoverBg: palette.accentGround,
        cellPaddingBlockMD: 9,
        cellPaddingInlineMD: 12,
        cellPaddingBlockSM: 7,
      },
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500, primaryColor: mode === "dark" ? "#1c120c" : "#ffffff" },
      Card: { headerFontSize: 14, bodyPadding: 16, headerHeight: 44 },
      Segmented: { trackBg: palette.sunk, itemSelectedBg: palette.raised },
      Tabs: { horizontalMargin: "0 0 16px 0" },
      Tooltip: { colorBgSpotlight: mode === "dark" ? "#3a3733" : "#2b2825" },
    },
  };
};
