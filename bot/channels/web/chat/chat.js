// The chat page asks POST api/ask and shows the Answer. Whatever comes from outside goes in as text, never as
// markup: nodes are built by `make`, whose strings become text nodes.
"use strict";

const PATIENCE = 30000; // ms until a question counts as failed
const LONG = 40; // characters from which an answer is set as running text

const form = document.getElementById("ask");
const input = document.getElementById("question");
const log = document.getElementById("log");
const session = sessionId();
let busy = false;

/** An answer that could not be had; the message is the sentence to show. */
class Failure extends Error {}

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function text(value) {
  return typeof value === "string" ? value.trim() : "";
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

/** The same for this tab's life. Without HTTPS there is no randomUUID, in some privacy modes no storage. */
function sessionId() {
  const fresh = () =>
    crypto.randomUUID ? crypto.randomUUID() : crypto.getRandomValues(new Uint32Array(4)).join("-");
  try {
    const id = sessionStorage.getItem("cewen.session") || fresh();
    sessionStorage.setItem("cewen.session", id);
    return id;
  } catch {
    return fresh();
  }
}

// What is shown

function speaker(name) {
  return make("span", "unseen", `${name}：`);
}

function chips(questions) {
  const buttons = questions.map((question) => {
    const chip = make("button", "chip", question);
    chip.type = "button";
    return make("li", "", chip);
  });
  return make("ul", "chips", ...buttons);
}

/** The quote, with the direct answer marked where it stands in it. */
function quotation(quote, direct) {
  const at = direct ? quote.indexOf(direct) : -1;
  if (at < 0) return make("blockquote", "", quote);
  const end = at + direct.length;
  return make("blockquote", "", quote.slice(0, at), make("mark", "", direct), quote.slice(end));
}

function dateInWords(date) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  return parts ? `${parts[1]}年${Number(parts[2])}月${Number(parts[3])}日` : date;
}

function source(citation, direct) {
  const facts = [
    ["locator", text(citation.locator)],
    ["number", text(citation.doc_number)],
    ["issuer", text(citation.issuer)],
    ["date", dateInWords(text(citation.date))],
  ].filter(([, fact]) => fact);
  const caption = make("figcaption", "", make("p", "title", text(citation.title)));
  caption.append(make("p", "facts", ...facts.map(([name, fact]) => make("span", name, fact))));
  const figure = make("figure", "source", caption);
  const quote = text(citation.quote);
  if (quote) figure.append(quotation(quote, direct));
  return figure;
}

function sources(citations, direct) {
  const [first, ...others] = citations.map((citation) => source(citation, direct));
  if (!first) return [];
  if (!others.length) return [first];
  const summary = make("summary", "", `另有 ${others.length} 处依据`);
  return [first, make("details", "more", summary, ...others)];
}

function answered(answer) {
  const direct = answer.answered ? text(answer.answer) : "";
  const prominent = direct && direct.length < LONG && !direct.includes("\n");
  const said = make("p", prominent ? "said direct" : "said", direct || text(answer.text));
  const reply = make("div", "reply", speaker("策问"), said);
  if (answer.answered) reply.append(...sources(list(answer.citations), direct));
  const related = list(answer.related).map(text).filter(Boolean);
  if (related.length) reply.append(make("div", "related", make("p", "", "相关"), chips(related)));
  return reply;
}

function failed(sentence, retry) {
  const button = make("button", "chip retry", "重试");
  button.type = "button";
  button.addEventListener("click", retry);
  return make("div", "reply failed", make("p", "said", sentence), button);
}

// What is asked

async function fetchAnswer(question) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const response = await fetch("api/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question, session }),
      signal: abort.signal,
    });
    const body = await response.json().catch((error) => {
      if (abort.signal.aborted) throw error;
      return {};
    });
    if (!response.ok) throw new Failure(text(body.error) || "服务暂时不可用，请稍后重试。");
    return body;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(abort.signal.aborted ? "等了太久还没有回答，请重试。" : "连不上服务器，请检查网络后重试。");
  } finally {
    clearTimeout(timer);
  }
}

function setBusy(now) {
  busy = now;
  document.body.classList.toggle("busy", now);
  // not `disabled`: that would take the focus away
  form.querySelector(".send").setAttribute("aria-disabled", String(now));
}

function setInput(value) {
  input.value = value;
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight}px`;
}

/** Asks once within the exchange; what was typed comes back to the input if it fails. */
async function attempt(exchange, question) {
  setBusy(true);
  const waiting = make("div", "reply waiting", "正在查找");
  exchange.append(waiting);
  exchange.scrollIntoView({ block: "start" });
  try {
    waiting.replaceWith(answered(await fetchAnswer(question)));
  } catch (error) {
    if (!(error instanceof Failure)) console.error(error);
    const sentence = error instanceof Failure ? error.message : "这条回答显示不出来，请重试。";
    const failure = failed(sentence, () => {
      if (busy) return;
      if (input.value.trim() === question) setInput("");
      exchange.focus({ preventScroll: true }); // the button that had it is gone in a moment
      failure.remove();
      attempt(exchange, question);
    });
    waiting.replaceWith(failure);
    if (!input.value) setInput(question);
  } finally {
    setBusy(false);
    exchange.scrollIntoView({ block: "start" });
  }
}

function send(question) {
  const exchange = make("div", "exchange", make("p", "mine", speaker("我"), question));
  exchange.tabIndex = -1;
  log.append(exchange);
  attempt(exchange, question);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = input.value.trim();
  if (busy || !question) return;
  setInput("");
  send(question);
});

input.addEventListener("keydown", (event) => {
  // an Enter that ends an input method's composition chooses characters; Safari tells it only by 229
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});

input.addEventListener("input", () => setInput(input.value));

document.addEventListener("click", (event) => {
  const chip = event.target.closest(".chip:not(.retry)");
  if (chip && !busy) send(chip.textContent);
});
