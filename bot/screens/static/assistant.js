"use strict";
// The assistant's desk. Every act is an entry with a nonce, put into a queue that outlives the page and sent as soon
// as there is a network; the server counts each nonce once. What is waiting is shown as waiting.

const $ = (id) => document.getElementById(id);
const base = $("head").dataset.base;
const key = (name) => `cewen ${name} ${base}`;
const MOST = 60; // people shown at once
const RESULTS = {
  done: "已记录", nothing_to_do: "已经是这样，没有重复记", no_such_person: "没有这个人", not_checked_in: "还没有签到",
};
const ACTS = { let_in: "签到", add: "补录", undo: "撤销", check_out: "签退", open: "开放签到", close: "截止签到",
  call_roll: "点名", end_roll: "结束点名" };

let list = read("list") || { people: [] };
let queue = read("queue") || [];
let tag = "";
let online = null;
let refused = "";
let sending = false;

function read(name) {
  try { return JSON.parse(localStorage.getItem(key(name))); } catch { return null; }
}

function keep(name, value) {
  try { localStorage.setItem(key(name), JSON.stringify(value)); } catch { /* a full or private store: memory only */ }
}

function nonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function enter(act, details) {
  queue.push({ nonce: nonce(), act, made: Date.now(), label: details.label || ACTS[act], person: details.person || "",
    name: details.name || "", unit: details.unit || "", reason: details.reason || "" });
  keep("queue", queue);
  show();
  send();
}

async function send() {
  if (sending) return;
  sending = true;
  try {
    while (queue.some((entry) => !entry.result)) {
      const heap = queue.filter((entry) => !entry.result).slice(0, 100);
      const entries = heap.map(({ nonce, act, made, person, name, unit, reason }) =>
        ({ nonce, act, ago: Math.max(0, Date.now() - made), person, name, unit, reason }));
      const response = await ask("/entries", { method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ entries }) });
      if (!response.ok) break;
      for (const { nonce, result } of (await response.json()).results) {
        const entry = queue.find((one) => one.nonce === nonce);
        if (entry) entry.result = result;
      }
      queue = [...queue.filter((entry) => entry.result).slice(-20), ...queue.filter((entry) => !entry.result)];
      keep("queue", queue);
    }
  } catch { /* no network: the queue waits */ } finally { sending = false; }
  await refresh();
}

async function ask(path, options = {}) {
  try {
    const response = await fetch(base + path, { ...options, signal: AbortSignal.timeout(10000) });
    online = true;
    refused = response.ok || response.status === 304 ? "" : response.status === 403
      ? "这个链接已失效，请向负责人要一个新的；没有送到的记录还在。" : `服务器没有收下（${response.status}），稍后再试。`;
    return response;
  } catch (error) {
    online = false;
    throw error;
  }
}

async function refresh() {
  try {
    const response = await ask("/list", tag ? { headers: { "If-None-Match": tag } } : {});
    if (response.ok) {
      list = await response.json();
      tag = response.headers.get("ETag") || "";
      keep("list", list);
    }
  } catch { /* shown below */ }
  show();
}

function waits(person) {
  return queue.find((entry) => !entry.result && entry.person === person.id);
}

function row(person) {
  const item = $("person").content.firstElementChild.cloneNode(true);
  item.querySelector(".name").textContent = person.name || "（已删除）";
  item.querySelector(".unit").textContent = [person.unit, person.number].filter(Boolean).join(" · ");
  const waiting = waits(person);
  const button = item.querySelector(".do");
  const state = item.querySelector(".state");
  if (waiting) {
    state.textContent = `${waiting.label}：还没有送到`;
    state.classList.add("pending");
    button.hidden = true;
  } else if (person.place) {
    state.textContent = [`${person.at} 第 ${person.place} 位`, person.late ? "迟到" : "", person.left ? `${person.left} 签退` : "",
      ...(person.flags || []).map((flag) => `待核实：${flag}`)].filter(Boolean).join("，");
    button.textContent = "撤销";
    button.addEventListener("click", () => because(`撤销 ${person.name} 的签到`, (reason) =>
      enter("undo", { person: person.id, reason, label: `撤销 ${person.name}` })));
  } else {
    state.textContent = person.waiting ? "候补" : "未到";
    button.textContent = "签到";
    button.addEventListener("click", () => enter("let_in", { person: person.id, reason: "现场核对", label: `签到 ${person.name}` }));
  }
  return item;
}

function show() {
  const wanted = $("search").value.trim().toLowerCase();
  const found = list.people.filter((p) => !wanted || `${p.name} ${p.unit} ${p.number || ""}`.toLowerCase().includes(wanted));
  const order = [...found].sort((a, b) => (a.place ? 1 : 0) - (b.place ? 1 : 0) || (b.place || 0) - (a.place || 0));
  const more = document.createElement("li");
  more.className = "quiet";
  more.textContent = `还有 ${order.length - MOST} 人，请用上面的框查找。`;
  $("people").replaceChildren(...order.slice(0, MOST).map(row), ...(order.length > MOST ? [more] : []));
  $("none").hidden = found.length > 0;
  const pending = queue.filter((entry) => !entry.result);
  $("count").textContent = list.count ?? "–";
  $("listed").textContent = list.listed ? `应到 ${list.listed}` : "";
  $("window").textContent = list.window ? `${list.window}${list.open ? "（开放中）" : ""}` : "–";
  $("roll").textContent = list.roll ? "结束点名" : "再点一次名";
  $("roll").dataset.act = list.roll ? "end_roll" : "call_roll";
  $("waiting").textContent = pending.length;
  $("queue").replaceChildren(...queue.slice(-20).reverse().map((entry) => {
    const item = document.createElement("li");
    item.textContent = `${entry.label}：${entry.result ? RESULTS[entry.result] || entry.result : "还没有送到"}`;
    if (!entry.result) item.className = "pending";
    return item;
  }));
  $("net").textContent = refused || (online === false
    ? `没有网络。记录先存在本机，有网后自动送出（${pending.length} 条未送）。` : pending.length ? "正在送出…" : "已全部送到");
  $("net").className = refused || online === false ? "pending" : "";
}

function because(title, go) {
  $("why-title").textContent = title;
  $("reason").value = "";
  $("why").returnValue = "";
  $("why").onclose = () => { if ($("why").returnValue === "go" && $("reason").value.trim()) go($("reason").value.trim()); };
  $("why").showModal();
}

for (const button of document.querySelectorAll(".tools button")) {
  button.addEventListener("click", () => enter(button.dataset.act, { reason: ACTS[button.dataset.act] }));
}
$("search").addEventListener("input", show);
$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, unit, reason } = event.target.elements;
  enter("add", { name: name.value.trim(), unit: unit.value.trim(), reason: reason.value.trim(), label: `补录 ${name.value.trim()}` });
  event.target.reset();
});
$("forget").addEventListener("click", () => {
  if (queue.some((entry) => !entry.result)) { refused = "还有记录没有送到，先不清除。"; show(); return; }
  localStorage.removeItem(key("list"));
  localStorage.removeItem(key("queue"));
  list = { people: [] };
  queue = [];
  tag = "";
  show();
});
window.addEventListener("online", send);
window.addEventListener("offline", () => { online = false; show(); });

show();
send();
setInterval(() => { if (!document.hidden) send(); }, 4000);
