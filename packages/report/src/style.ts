/**
 * The style of reports: one column of figures, light or dark by the reader's system setting. Chains
 * have eight colours, c0 to c7.
 */
const light = ["#2464c8", "#d9622b", "#1b8a5a", "#8b3fb3", "#0e8c9c", "#a0720a", "#c2387f", "#5b6470"];
const dark = ["#7db0ff", "#ff9c66", "#5fd0a0", "#cf93f0", "#5ccbdb", "#dcb04a", "#f58cc0", "#a9b2be"];

const variables = (colours: readonly string[]): string => colours.map((colour, i) => `--c${i}:${colour}`).join(";");
const classes = light.map((_, i) => `.chart .c${i}{--own:var(--c${i})}`).join("\n");

export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c1f24;--soft:#666d78;--line:#e3e6ea;--card:#f7f8fa;--accent:#2464c8;--faint:#2464c840;--good:#1b7a4e;--bad:#b3261e;${variables(light)}}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e6e8eb;--soft:#98a0ab;--line:#2b3038;--card:#1b1f25;--accent:#7db0ff;--faint:#7db0ff45;--good:#6fd6a4;--bad:#ff8a80;${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;margin:0 0 4px;font-weight:650}
h2{font-size:17px;margin:40px 0 12px;font-weight:600}
p{margin:4px 0}
.soft{color:var(--soft)}
.bad{color:var(--bad);white-space:pre-line}
.notes{margin:8px 0;padding:10px 14px 10px 32px;background:var(--card);border:1px solid var(--line);border-left:4px solid;border-radius:8px}
.notes.plain{border-left-color:var(--soft)}
.notes.good{border-left-color:var(--good);color:inherit}
.notes.bad{border-left-color:var(--bad);color:inherit}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin:20px 0 0}
.fact{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.fact span{display:block;font-size:12px;color:var(--soft)}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:14px}
.charts figcaption{margin-top:6px}
.chart{width:100%;height:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}
.chart text{font:11px system-ui,sans-serif;fill:var(--soft)}
.chart .legend{paint-order:stroke;stroke:var(--card);stroke-width:3px}
.chart .title{font-size:13px;font-weight:600;fill:var(--fg)}
.chart .last{font-size:12px;fill:var(--accent)}
.chart .grid{stroke:var(--line)}
.chart path{fill:none;stroke-linejoin:round}
.chart .raw{stroke:var(--faint);stroke-width:1}
.chart .curve{stroke:var(--accent);stroke-width:1.8}
.chart .dot{fill:var(--accent)}
.chart .chain{stroke:var(--own);stroke-width:.8;stroke-opacity:.75}
.chart .mean{stroke:var(--fg);stroke-width:1.8}
.chart .level{stroke:var(--fg);stroke-opacity:.6;stroke-dasharray:4 3}
.chart .bars{fill:var(--own);fill-opacity:.45;stroke:var(--own);stroke-width:.8}
.chart .points{stroke:var(--own);stroke-width:2.4;stroke-linecap:round;stroke-opacity:.4}
.chart .series{stroke:var(--own);stroke-width:1.6}
.chart .toggle{cursor:pointer;fill:var(--accent)}
.chart .toggle[aria-pressed=true]{font-weight:700}
.chart .probe{fill:var(--accent);stroke:none;pointer-events:none}
.chart .probe.series{fill:var(--own)}
.chart .marked{stroke:var(--bad);stroke-width:1.2}
${classes}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:14px}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:14px}
figure{margin:0}
figure img{width:100%;height:auto;display:block;border:1px solid var(--line);border-radius:6px;background:#fff;image-rendering:pixelated}
figure.wide{max-width:640px;margin-bottom:14px}
figure.full{margin-bottom:14px}
figure pre{margin:0;padding:8px 10px;background:var(--card);border:1px solid var(--line);border-radius:6px;font:13px ui-monospace,SFMono-Regular,Menlo,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
figcaption{font-size:12px;color:var(--soft);margin-top:4px}
.scroll{overflow-x:auto;margin-top:14px}
table{border-collapse:collapse;width:100%;font-size:14px}
td,th{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child{color:var(--soft);white-space:nowrap;width:1%}
.numbers{font-variant-numeric:tabular-nums}
.numbers th{font-weight:600;font-size:12px;color:var(--soft)}
.numbers td,.numbers th{text-align:right;white-space:nowrap}
.numbers td:first-child,.numbers th:first-child{text-align:left;padding-right:24px}
@media (max-width:520px){main{padding:20px 14px 48px}.facts{grid-template-columns:1fr 1fr}.definitions td{display:block;width:auto;white-space:normal}.definitions td:first-child{border:0;padding-bottom:0}.definitions td:last-child{padding-top:0}.numbers td,.numbers th{padding-right:10px;font-size:13px}.numbers td:first-child,.numbers th:first-child{position:sticky;left:0;background:var(--bg);max-width:45vw;min-width:0;padding-right:12px}}
.definitions code{white-space:pre-wrap}
code{font:13px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
`;
