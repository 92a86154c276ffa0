/** The parts of ECharts that are used here, in one file that is loaded when the first chart is shown. */
import { BarChart, GaugeChart, HeatmapChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import {
  AxisPointerComponent, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AxisPointerComponent, BarChart, CanvasRenderer, GaugeChart, GridComponent, HeatmapChart, LegendComponent, LineChart,
  MarkLineComponent, MarkPointComponent, PieChart, ScatterChart, TooltipComponent, VisualMapComponent,
]);

export { init };
