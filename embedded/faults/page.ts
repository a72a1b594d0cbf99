/** The scenario page: self-contained, no framework, served by the embedded cluster itself. */
export const SCENARIO_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Scenarios · embedded Mayastor cluster</title>
<style>
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:1.6rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem .35rem 0;border-top:1px solid #8884;vertical-align:top}
button{font:inherit;padding:.2rem .6rem;margin:.1rem .25rem .1rem 0;border:1px solid #8888;border-radius:.35rem;background:transparent;cursor:pointer}
button:hover{background:#8883}.bad{color:#c0392b;font-weight:600}@media(prefers-color-scheme:dark){.bad{color:#ff8b82}}
#said{min-height:1.5em}
</style></head><body>
<h1>Scenarios</h1>
<p>Break something here and watch it in the console. Every clock of Mayastor runs faster by the factor printed at the start.</p>
<p id="said" role="status"></p>
<h2>Control plane</h2><div id="core"></div>
<h2>Nodes and disks</h2><table><thead><tr><th scope="col">Node</th><th scope="col">State</th><th scope="col">Do</th><th scope="col">Disks</th></tr></thead><tbody id="nodes"></tbody></table>
<h2>Workloads</h2><p id="load"></p>
<script>
const said=document.getElementById('said');
async function act(path){said.textContent='…';const r=await fetch(path,{method:'POST'});const b=await r.json();said.textContent=r.ok?'Done: '+path.slice(1):'Refused: '+b.error;show()}
function button(text,path){const b=document.createElement('button');b.textContent=text;b.onclick=()=>act(path);return b}
function cell(...what){const td=document.createElement('td');td.append(...what);return td}
function mark(text,bad){const s=document.createElement('span');s.textContent=text;if(bad)s.className='bad';return s}
let last='';
async function show(){
 let s;try{s=await (await fetch('/state')).json()}catch{said.textContent='The embedded cluster does not answer.';return}
 const key=JSON.stringify([s.agentCore,s.nodes]);
 if(key!==last){last=key;
  document.getElementById('core').replaceChildren(mark(s.agentCore.running?'agent-core runs ':'agent-core is down ',!s.agentCore.running),button('Kill','/agent-core/kill'),button('Start','/agent-core/start'),button('Restart','/agent-core/restart'));
  document.getElementById('nodes').replaceChildren(...s.nodes.map(n=>{const tr=document.createElement('tr');
   tr.append(cell(n.name),cell(mark(n.state,n.state!=='running')),cell(...['kill','restart','hang','unhang'].map(a=>button(a,'/nodes/'+n.name+'/'+a))),
   cell(...n.disks.map((d,i)=>{const div=document.createElement('div');div.append(mark('disk '+i+(d==='none'?' ':' ('+d+') '),d!=='none'),...['fail','slow','heal'].map(a=>button(a,'/disks/'+n.name+'/'+i+'/'+a)));return div})));return tr}));}
 const sum=k=>s.workloads.reduce((a,w)=>a+w[k],0);
 document.getElementById('load').textContent=s.workloads.length+' workloads, '+s.workloads.filter(w=>w.connected).length+' connected; '+sum('writes')+' writes acknowledged, '+sum('verified')+' reads verified, '+sum('mismatches')+' mismatches, '+sum('errors')+' errors';
}
show();setInterval(show,1000);
</script></body></html>`;
