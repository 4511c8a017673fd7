import "./styles/fonts.css";
import "@picocss/pico/css/pico.min.css";
import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/pages.css";

import { render } from "preact";
import { findSession } from "./api/client";
import { App } from "./app";

void findSession();
render(<App />, document.getElementById("app")!);
