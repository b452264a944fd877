// Telegram as @vishtar/telegram-test-api plays it, with what python-telegram-bot needs besides: is_bot, dates in
// seconds, chat_instance, the webhook's secret and redelivery, confirmation by offset, edits, files both ways.
// For tests also: POST /deliver puts any update in, POST /fault makes coming calls of a method fail, POST /file lays
// a file down for getFile, GET /calls tells what the bot has called.
// Prints its port, then serves until it is killed. All state is per token.
const TelegramServer = require('@vishtar/telegram-test-api');

const calls = [];
const faults = [];
const files = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Telegram extends TelegramServer {
  addBotMessage(message, token) {
    const { date, message_id, chat, text, reply_markup } = super.addBotMessage(message, token);
    return { date: Math.floor(date / 1000), message_id, chat, text, reply_markup };
  }

  async addUserUpdate(update) {
    update.raw ??= TelegramServer.formatUpdate(update);
    if (update.raw.callback_query) update.raw.callback_query.chat_instance = '1';
    this.updateId += 1;
    this.messageId += 1; // the next message comes before this one is acknowledged
    if (!this.webhooks[update.botToken]) this.storage.userMessages.push(update);
    else await this.post(update);
  }

  async post({ botToken, raw }) {
    for (let tries = 0; tries < 20; tries += 1) {
      const { url, secret_token: secret = '' } = this.webhooks[botToken];
      const headers = { 'Content-Type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': secret };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(raw) }).catch(() => ({ status: 0 }));
      calls.push({ token: botToken, method: 'webhook', status: response.status });
      if (response.status === 200) return;
      await pause(100);
    }
  }

  // what was fetched goes when a higher offset is asked for, and not before
  getUpdates(token, offset) {
    const mine = this.storage.userMessages.filter((update) => update.botToken === token && !update.isRead);
    mine.filter((update) => update.isFetched && update.raw.update_id < offset).forEach((update) => { update.isRead = true; });
    return mine.filter((update) => !update.isRead).map((update) => { update.isFetched = true; return update.raw; });
  }
}

// the fields of multipart/form-data; a file's as its name and size
async function readForm(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const [, boundary] = /boundary=(.+)$/.exec(req.headers['content-type']);
  const parts = Buffer.concat(chunks).toString('latin1').split(`--${boundary}`).slice(1, -1);
  return Object.fromEntries(parts.map((part) => {
    const [head, ...rest] = part.split('\r\n\r\n');
    const value = Buffer.from(rest.join('\r\n\r\n').slice(0, -2), 'latin1');
    const [, name, , file] = /name="([^"]*)"(; filename="([^"]*)")?/.exec(Buffer.from(head, 'latin1').toString());
    return [name, file === undefined ? value.toString() : { file_name: file, content: value.toString('base64') }];
  }));
}

const routes = [(app, server) => {
  app.get('/calls', (req, res) => res.json(calls.filter(({ token }) => token === req.query.token)));
  app.post('/fault', (req, res) => { faults.push(req.body); res.json({}); });
  app.post('/deliver', (req, res) => {
    server.addUserUpdate({ ...server.getCommonFields(req.body.token), raw: req.body.update });
    res.json({});
  });
  app.post('/file', (req, res) => { files[req.body.file_id] = req.body; res.json({}); });
  app.get('/file/bot:token/:id', (req, res) => {
    const { content, length } = files[req.params.id];
    res.send(length ? Buffer.alloc(length) : Buffer.from(content, 'base64'));
  });
  app.all('/bot:token/:method', async (req, res, next) => {
    const { token, method } = req.params;
    if ((req.headers['content-type'] ?? '').startsWith('multipart/')) req.body = await readForm(req);
    req.body = { ...req.query, ...req.body };
    calls.push({ token, method, body: req.body });
    const at = faults.findIndex((fault) => fault.token === token && fault.method === method);
    if (at < 0) return next();
    const { status, description, parameters } = faults.splice(at, 1)[0];
    if (status === 200) return next();
    return res.status(status).json({ ok: false, error_code: status, description, parameters });
  });
  app.all('/bot:token/getMe', (req, res) => {
    res.json({ ok: true, result: { id: 666, is_bot: true, first_name: '策问', username: 'CewenBot' } });
  });
  for (const method of ['setMyCommands', 'answerInlineQuery']) {
    app.all(`/bot:token/${method}`, (req, res) => res.json({ ok: true, result: true }));
  }
  app.all('/bot:token/getUpdates', async (req, res) => {
    const long = Date.now() + Math.min(200, 1000 * (req.body.timeout ?? 0));
    const fetch = () => server.getUpdates(req.params.token, Number(req.body.offset ?? 0));
    let result = fetch();
    for (; !result.length && Date.now() < long; result = fetch()) await pause(10);
    res.json({ ok: true, result });
  });
  app.all('/bot:token/editMessageText', (req, res) => {
    const { chat_id, message_id, text } = req.body;
    server.editMessageText(req.body);
    const message = { message_id: Number(message_id), date: 1, chat: { id: Number(chat_id), type: 'private' }, text };
    res.json({ ok: true, result: message });
  });
  app.all('/bot:token/sendDocument', (req, res) => {
    const { document, ...fields } = req.body;
    const message = server.addBotMessage({ ...fields, text: fields.caption ?? '', document }, req.params.token);
    const sent = { file_id: 'sent', file_unique_id: 'sent', file_name: document.file_name };
    res.json({ ok: true, result: { ...message, document: sent } });
  });
  app.all('/bot:token/getFile', (req, res) => {
    const { file_id, file_size } = files[req.body.file_id];
    res.json({ ok: true, result: { file_id, file_unique_id: file_id, file_size, file_path: file_id } });
  });
}];

const port = Number(process.argv[2]);
new Telegram({ port, host: '127.0.0.1' }, { routes }).start().then(() => console.log(port));
