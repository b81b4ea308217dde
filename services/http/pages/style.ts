/** The colours of the interface (fills have no suffix, -t is text, -b a tint behind it) and the few rules of these pages. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --frame: #f2f2f5; --sheet: #ffffff; --hover: #f3f3f7; --line: #e6e6ec; --text: #15161c; --text2: #474a58; --text3: #666a7a;
  --accent: #5746dd; --success-t: #0b6b50; --failure-t: #b42318; --started-t: #1a5dbe; --queued-t: #53587a; --canceled-t: #5d606b;
  --success-b: #e6f5ef; --failure-b: #fdecea; --started-b: #e8f1fe; --queued-b: #eff0f6; --canceled-b: #f1f1f4;
  --success: #148465; --failure: #d92d20;
}
@media (prefers-color-scheme: dark) {
  :root {
    --frame: #090a0d; --sheet: #111217; --hover: #1a1c23; --line: #23252d; --text: #edeef3; --text2: #b0b3c1; --text3: #8b8fa0;
    --accent: #a79fff; --success-t: #54dab6; --failure-t: #ff8a70; --started-t: #8abcff; --queued-t: #aaaec3; --canceled-t: #9b9eaa;
    --success-b: #0f2a24; --failure-b: #341a16; --started-b: #14253f; --queued-b: #1f212b; --canceled-b: #1e1f25;
    --success: #27cda3; --failure: #f0583a;
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
.figures { display: flex; flex-wrap: wrap; margin-bottom: 16px; }
.figures div { padding: 12px 20px; min-width: 128px; }
.figures b { display: block; font-size: 22px; line-height: 30px; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures span, .quiet { color: var(--text3); }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--text3); padding: 8px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: 8px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; font-variant-numeric: tabular-nums; }
tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--hover); }
code, .mono { font: 12px/18px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.status { display: inline-block; min-width: 84px; padding: 1px 8px; border-radius: 6px; font-size: 12px; font-weight: 500; }
.SUCCESS { color: var(--success-t); background: var(--success-b); }
.FAILURE { color: var(--failure-t); background: var(--failure-b); }
.STARTED, .STARTING { color: var(--started-t); background: var(--started-b); }
.QUEUED { color: var(--queued-t); background: var(--queued-b); }
.CANCELED, .CANCELING { color: var(--canceled-t); background: var(--canceled-b); }
.live::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 4px; margin-right: 6px; background: var(--success); }
.offline::before { background: var(--failure); }
.empty { padding: 32px; text-align: center; color: var(--text2); }
details { border-bottom: 1px solid var(--line); padding: 8px 12px; }
details:last-child { border-bottom: 0; }
summary { cursor: pointer; }
summary .method { display: inline-block; width: 64px; font-weight: 600; }
pre { background: var(--frame); border-radius: 6px; padding: 12px; overflow: auto; max-height: 420px; }
`;

export const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#5746dd"/>' +
  '<path d="M4 5h8M4 8h6M4 11h4" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>';
