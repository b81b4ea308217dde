import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App, begin } from "./app";
import { keepFocus } from "./frame/kept-focus";
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
keepFocus();

/** So long may nothing be seen. */
const PATIENCE_MS = 150;

const draw = (): void =>
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );

// A page that is drawn once is there sooner than one that is drawn again with each part of it that comes.
void Promise.race([begin(location.pathname), new Promise((over) => setTimeout(over, PATIENCE_MS))]).then(draw);
