/**
 * What the fault page does in the browser. It knows no fault: it is built once of what GET /faults lists, then only brought
 * up to date, so that the focus stays where it is.
 */
export const PAGE_SCRIPT = `
const at=(id)=>document.getElementById(id);
const make=(tag,props={},...kids)=>{const e=Object.assign(document.createElement(tag),props);e.append(...kids);return e};
const chip=(text,bad)=>make('span',{className:bad?'chip bad':'chip',textContent:text});
const chosen={'agent-core':'agent-core'};
let rows=[],known,busy=false;

function say(text,bad){at('said').textContent=text;at('said').className=bad?'bad':''}
async function ask(method,path,body){
 const r=await fetch(path,{method,body:body&&JSON.stringify(body)});
 const reply=await r.json();
 if(!r.ok)throw new Error(reply.error);
 return reply;
}
const pathOf=(id,target)=>'/faults/'+id+'/'+target.split('/').map(encodeURIComponent).join('/');
const nameOf=(fault,target)=>fault.scope==='agent-core'?'':fault.scope==='disk'?target.replace('/',', disk '):target;
async function act(method,fault,target,amount){
 if(busy)return say('Another one is under way, wait a moment.');
 busy=true;say('…');
 try{
  show(await ask(method,pathOf(fault.id,target),amount===undefined?undefined:{amount}));
  say((method==='POST'?fault.title:fault.end)+(nameOf(fault,target)&&' · '+nameOf(fault,target))+': done');
 }catch(error){say(error.message,true)}
 busy=false;look();
}

function row(fault){
 const amount=fault.amount&&make('input',{type:'number',value:fault.amount.usual,min:fault.amount.least,max:fault.amount.most,step:1});
 const button=make('button',{type:'button'});
 const do_=make('span',{className:'do'});
 if(amount){const label=make('label',{},fault.amount.label+' ',amount,' '+fault.amount.unit);do_.append(label)}
 do_.append(button);
 const li=make('li',{className:'row'},make('div',{},make('strong',{textContent:fault.title}),' ',make('code',{textContent:fault.id}),make('p',{className:'soft',textContent:fault.effect})),do_);
 const r={fault,li,button,amount,isOn:false};
 button.onclick=()=>{
  const target=chosen[fault.scope];
  if(r.isOn)return act('DELETE',fault,target);
  if(amount&&!amount.reportValidity())return;
  act('POST',fault,target,amount&&Number(amount.value));
 };
 rows.push(r);
 return li;
}

function build(reply){
 for(const {scope,title} of reply.scopes){
  const head=make('header',{},make('h2',{textContent:title,id:'group-'+scope}));
  const list=make('ul',{},...reply.faults.filter(f=>f.scope===scope).map(row));
  const section=make('section',{},head);
  section.setAttribute('aria-labelledby','group-'+scope);
  if(scope==='node'||scope==='disk')head.append(make('span',{},make('label',{htmlFor:'choose-'+scope,textContent:scope==='node'?'Node':'Disk'}),' ',make('select',{id:'choose-'+scope,onchange:(e)=>{chosen[scope]=e.target.value;mark()}})));
  if(scope==='replica')section.append(finder());
  section.append(list);
  at('groups').append(section);
 }
}

function finder(){
 const input=make('input',{type:'search',placeholder:'name or UUID'});
 const copies=make('div',{className:'copies'});
 copies.setAttribute('role','radiogroup');copies.setAttribute('aria-label','Copies');
 const box=make('div',{},make('label',{},'Volume ',input),copies);
 let timer;
 const find=async()=>{
  let reply;
  try{reply=await ask('GET','/volumes?q='+encodeURIComponent(input.value))}catch(error){copies.replaceChildren(make('p',{className:'soft',textContent:error.message}));return}
  copies.replaceChildren(...reply.volumes.flatMap(v=>v.copies.map(c=>{
   const radio=make('input',{type:'radio',name:'copy',value:c.replica,checked:chosen.replica===c.replica,onchange:()=>{chosen.replica=c.replica;mark()}});
   return make('label',{},radio,' ',make('strong',{textContent:v.name||v.uuid}),' ',v.status,' · ',c.node??'node unknown',', ',c.pool??'pool unknown',c.node&&c.node===v.target?' (target)':'',' ',c.state?chip(c.state+(c.reason&&c.reason!=='none'?': '+c.reason:''),c.state!=='online'):make('span',{className:'soft',textContent:'in no target'}));
  })),make('p',{className:'soft',textContent:reply.found===0?'No volume matches.':reply.found>reply.volumes.length?reply.volumes.length+' of '+reply.found+' volumes; say more to find others.':''}));
 };
 input.oninput=()=>{clearTimeout(timer);timer=setTimeout(find,250)};
 refind=()=>{if(!copies.contains(document.activeElement))find()};
 find();
 return box;
}
let refind=()=>{};

function options(scope,values){
 const select=at('choose-'+scope);
 if(select.childElementCount===values.length)return;
 select.replaceChildren(...values.map(([value,text])=>make('option',{value,textContent:text})));
 chosen[scope]=select.value;
}

function mark(){
 for(const r of rows){
  const target=chosen[r.fault.scope];
  const on=known.active.find(a=>a.fault===r.fault.id&&a.target===target);
  r.isOn=on!==undefined;
  r.li.className=on?'row on':'row';
  r.button.className=on?'end':'';
  r.button.textContent=on?r.fault.end:r.fault.title;
  r.button.disabled=target===undefined;
  r.button.title=target===undefined?'Choose a copy first':'';
  if(r.amount)r.amount.disabled=r.isOn;
 }
}

const ago=(ms)=>{const s=Math.max(0,Math.round(ms/1000));return s<60?s+' s':s<3600?Math.floor(s/60)+' min '+s%60+' s':Math.floor(s/3600)+' h '+Math.floor(s%3600/60)+' min'};
function show(reply){
 if(!known)build(reply);
 known=reply;
 const byId=new Map(reply.faults.map(f=>[f.id,f]));
 const list=at('broken'),key=a=>a.fault+' '+a.target;
 const have=new Map([...list.children].map(li=>[li.dataset.key,li]));
 at('nothing').hidden=reply.active.length>0;
 at('all').hidden=reply.active.length<2;
 at('count').textContent=reply.active.length>0?' ('+reply.active.length+')':'';
 document.title=(reply.active.length>0?'('+reply.active.length+') ':'')+'Faults · embedded Mayastor cluster';
 const wanted=reply.active.map(a=>{
  const fault=byId.get(a.fault);
  let li=have.get(key(a));
  if(!li){
   const button=make('button',{type:'button',className:'end',textContent:fault.end,onclick:()=>act('DELETE',fault,a.target)});
   button.setAttribute('aria-label',fault.end+(nameOf(fault,a.target)&&': '+nameOf(fault,a.target)));
   li=make('li',{className:'row'},make('div',{},make('strong',{textContent:nameOf(fault,a.target)||'agent-core'}),' ',chip(fault.is,true),make('span',{className:'soft'})),make('span',{className:'do'},button));
   li.dataset.key=key(a);
  }
  li.querySelector('.soft').textContent=(fault.amount&&a.amount!==undefined?fault.amount.label+' '+a.amount+' '+fault.amount.unit+' · ':'')+'for '+ago(Date.now()-a.since);
  return li;
 });
 for(const li of [...list.children])if(!wanted.includes(li)){if(li.contains(document.activeElement))at('now').focus();li.remove()}
 wanted.forEach((li,i)=>{if(list.children[i]!==li)list.insertBefore(li,list.children[i]??null)});
 mark();
}

let seen='';
function cluster(s){
 options('node',s.nodes.map(n=>[n.name,n.name]));
 options('disk',s.nodes.flatMap(n=>n.disks.map((_,i)=>[n.name+'/'+i,n.name+', disk '+i])));
 const key=JSON.stringify([s.agentCore,s.nodes]);
 if(key!==seen){
  seen=key;
  at('core').replaceChildren(chip({running:'agent-core runs',starting:'agent-core waits for its store',stopped:'agent-core is down'}[s.agentCore.state],s.agentCore.state!=='running'),make('code',{textContent:s.agentCore.address}));
  at('nodes').replaceChildren(...s.nodes.map(n=>make('div',{},make('strong',{textContent:n.name+' '}),chip(n.state,n.state!=='running'),...n.disks.map((d,i)=>chip('disk '+i+(d==='none'?'':': '+d),d!=='none')))));
 }
 const sum=k=>s.workloads.reduce((a,w)=>a+w[k],0).toLocaleString('en');
 at('load').textContent=s.workloads.length===0?'No workload runs.':s.workloads.length+' workloads, '+s.workloads.filter(w=>w.connected).length+' connected; '+sum('writes')+' writes acknowledged, '+sum('verified')+' reads verified, '+sum('mismatches')+' mismatches, '+sum('errors')+' errors.';
}

async function look(){
 if(busy)return;
 try{show(await ask('GET','/faults'));cluster(await ask('GET','/state'));mark()}
 catch{say('The embedded cluster does not answer.',true)}
}
at('all').onclick=async()=>{say('…');try{show(await ask('DELETE','/faults'));say('All ended')}catch(error){say(error.message,true)}look()};
look();setInterval(look,1000);setInterval(()=>refind(),3000);
`;
