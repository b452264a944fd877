"use strict";
// The hall's screen. The server sends the state when it changes and some turns of codes ahead; this page shows the
// code of the moment by the server's clock, hides one that is over, and says so when the connection is lost.

const $ = (id) => document.getElementById(id);
const DOING = {
  check_in: "扫码签到", check_out: "扫码签退", roll_call: "点名：请再扫一次", over: "签到已截止",
};
const CAPTIONS = { telegram: "Telegram 扫码", wechat: "微信扫码", web: "扫码签到" };
const SILENCE = 25000;

let codes = [];
let state = null;
let offset = 0; // the server's clock less ours
let heard = performance.now();
let shown = "";
let source = null;

function connect() {
  if (source) source.close();
  source = new EventSource($("main").dataset.stream);
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    heard = performance.now();
    offset = news.now - Date.now();
    if (news.codes) codes = news.codes;
    if (news.state) { state = news.state; tell(); }
    tick();
  };
}

function tell() {
  document.title = `签到 · ${state.title}`;
  $("title").textContent = state.title;
  $("about").textContent = [state.time, state.place, state.speaker].filter(Boolean).join("　");
  $("main").dataset.purpose = state.purpose;
  const late = state.late ? "（迟到）" : "";
  $("doing").textContent = state.purpose === "before" ? `签到 ${state.opens} 开放` : DOING[state.purpose] + late;
  const count = document.createElement("strong");
  count.textContent = state.count;
  $("count").replaceChildren(count, " 人已签到");
  $("names").replaceChildren(...state.names.map((name) => {
    const item = document.createElement("li");
    item.textContent = name;
    return item;
  }));
}

function show(code) {
  const key = code ? `${code.from} ${code.number} ${code.pictures.map((p) => p.url).join()}` : "";
  if (key === shown) return;
  shown = key;
  $("codes").replaceChildren(...(code ? code.pictures : []).map((picture) => {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.src = picture.svg;
    image.alt = "签到码";
    const caption = document.createElement("figcaption");
    caption.textContent = CAPTIONS[picture.channel] || CAPTIONS.web;
    figure.append(image, caption);
    return figure;
  }));
  if (!code) { $("typed").replaceChildren(); return; }
  const number = document.createElement("span");
  number.id = "number";
  number.textContent = code.number;
  const strong = document.createElement("strong");
  strong.append("签到 ", number);
  $("typed").replaceChildren("或在聊天里发 ", strong);
}

function tick() {
  const now = Date.now() + offset;
  $("clock").textContent = new Date(now).toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  const code = codes.find((one) => one.from <= now && now < one.until);
  show(code);
  $("turn").value = code ? (code.until - now) / (code.until - code.from) : 0;
  const lost = performance.now() - heard > SILENCE;
  const isOn = state && !["before", "over"].includes(state.purpose);
  $("trouble").hidden = !lost;
  $("trouble").textContent = isOn && !code
    ? "网络断开，签到码已停用，正在重连。请先找工作人员签到。" : "网络断开，正在重连；屏幕上的码还能用。";
  if (lost && performance.now() - heard > SILENCE + 5000) {
    heard = performance.now() - SILENCE;
    connect();
  }
}

async function stayAwake() {
  try { await navigator.wakeLock?.request("screen"); } catch { /* the hall's own settings then */ }
}

$("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});
$("hide-names").addEventListener("click", (event) => {
  const hidden = document.body.classList.toggle("nameless");
  event.target.setAttribute("aria-pressed", String(hidden));
});
$("tone").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).getPropertyValue("--is-dark").trim() === "1";
  document.documentElement.dataset.tone = dark ? "light" : "dark";
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) stayAwake(); });
$("main").addEventListener("dblclick", () => $("full").click());

stayAwake();
connect();
setInterval(tick, 250);
