/** The colours of the interface and the few rules of this page. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --frame: #f2f2f5; --sheet: #ffffff; --hover: #f3f3f7; --line: #e6e6ec; --text: #15161c; --text2: #474a58; --text3: #666a7a;
  --accent: #5746dd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --frame: #090a0d; --sheet: #111217; --hover: #1a1c23; --line: #23252d; --text: #edeef3; --text2: #b0b3c1; --text3: #8b8fa0;
    --accent: #a79fff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--frame); color: var(--text); font: 13px/18px system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
main { max-width: 1120px; margin: 24px auto; padding: 0 20px; }
header { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; margin-bottom: 16px; }
h1 { font-size: 18px; line-height: 24px; font-weight: 600; margin: 0; }
h2 { font-size: 13px; font-weight: 600; margin: 24px 0 8px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; border-radius: 3px; }
nav { margin-left: auto; display: flex; gap: 16px; }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--text3); padding: 8px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: 8px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; font-variant-numeric: tabular-nums; }
tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--hover); }
code, .mono { font: 12px/18px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
details { border-bottom: 1px solid var(--line); padding: 8px 12px; }
details:last-child { border-bottom: 0; }
summary { cursor: pointer; }
summary .method { display: inline-block; width: 64px; font-weight: 600; }
pre { background: var(--frame); border-radius: 6px; padding: 12px; overflow: auto; max-height: 420px; }
`;
