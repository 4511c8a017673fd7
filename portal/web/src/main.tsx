import "./styles/fonts.css";
import "@picocss/pico/css/pico.min.css";
import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/pages.css";

import { render } from "preact";
import { notice } from "./api/attention";
import { findSession } from "./api/client";
import { App } from "./app";

notice();
for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) addEventListener(sign, () => notice(), { passive: true, capture: true });
void findSession();
render(<App />, document.getElementById("app")!);
