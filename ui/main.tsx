import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { tellWholeWords } from "./parts/whole-words";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/status.css";
import "./styles/controls.css";
import "./styles/frame.css";
import "./styles/figures.css";
import "./styles/overlays.css";
import "./styles/states.css";

tellWholeWords();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
