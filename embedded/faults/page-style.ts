/** Style of the fault page: the system's font and colours, light and dark. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif;
 --bg:#f6f7f9;--card:#fff;--line:#d9dde3;--ink:#1b2330;--soft:#586273;--bad:#b3261e;--badbg:#fdecea;--good:#1b6e3c;--goodbg:#e5f4ea;--accent:#2457c5}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--line:#323b48;--ink:#e6eaf0;--soft:#a3adbb;--bad:#ff9a91;--badbg:#43211f;--good:#83d6a0;--goodbg:#1c3727;--accent:#8fb4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink)}
main{max-width:72rem;margin:0 auto;padding:1.2rem 1rem 5rem}
h1{font-size:1.35rem;margin:0}h2{font-size:1.05rem;margin:0}
p{margin:.2rem 0}.soft{color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem;margin-top:1rem}
section>header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;margin-bottom:.4rem}
ul{list-style:none;margin:0;padding:0}
li.row{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.3rem 1rem;align-items:center;padding:.55rem 0;border-top:1px solid var(--line)}
li.row.on{background:linear-gradient(90deg,var(--badbg),transparent);margin:0 -1rem;padding:.55rem 1rem}
.do{display:flex;gap:.5rem;align-items:center;justify-content:flex-end;flex-wrap:wrap}
button,select,input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.3rem .7rem}
button{cursor:pointer;min-width:9.5rem}button:hover:not(:disabled){border-color:var(--accent)}
button.end{border-color:var(--bad);color:var(--bad);font-weight:600}
button:disabled{opacity:.55;cursor:not-allowed}
input[type=number]{width:6.5rem}input[type=search]{width:min(22rem,100%)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code{font-size:.85em;color:var(--soft)}
.chip{display:inline-block;border-radius:1rem;padding:.05rem .6rem;margin:.1rem .3rem .1rem 0;font-size:.88rem;background:var(--goodbg);color:var(--good)}
.chip.bad{background:var(--badbg);color:var(--bad);font-weight:600}
.nodes{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.3rem 1rem}
.copies{max-height:16rem;overflow:auto;margin:.4rem 0}
.copies label{display:block;padding:.15rem .3rem;border-radius:.3rem}.copies label:hover{background:var(--bg)}
.broken:has(li){border-color:var(--bad)}
#said{position:fixed;inset:auto 0 0 0;padding:.6rem 1rem;background:var(--card);border-top:1px solid var(--line);text-align:center}
#said:empty{display:none}#said.bad{color:var(--bad);font-weight:600}
@media(max-width:40rem){li.row{grid-template-columns:1fr}.do{justify-content:flex-start}}
`;
