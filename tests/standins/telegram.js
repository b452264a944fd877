// Telegram as @vishtar/telegram-test-api plays it, with what python-telegram-bot needs besides: is_bot, dates in
// seconds, chat_instance, the webhook's secret and redelivery. For tests also: POST /deliver puts any update in,
// POST /fault makes coming calls of a method fail, GET /calls tells what the bot has called.
// Prints its port, then serves until it is killed. All state is per token.
const TelegramServer = require('@vishtar/telegram-test-api');

const calls = [];
const faults = [];
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

  getUpdates(token) {
    const unread = this.storage.userMessages.filter((update) => update.botToken === token && !update.isRead);
    return unread.map((update) => { update.isRead = true; return update.raw; });
  }
}

const routes = [(app, server) => {
  app.get('/calls', (req, res) => res.json(calls.filter(({ token }) => token === req.query.token)));
  app.post('/fault', (req, res) => { faults.push(req.body); res.json({}); });
  app.post('/deliver', (req, res) => {
    server.addUserUpdate({ ...server.getCommonFields(req.body.token), raw: req.body.update });
    res.json({});
  });
  app.all('/bot:token/:method', (req, res, next) => {
    const { token, method } = req.params;
    calls.push({ token, method, body: req.body });
    const at = faults.findIndex((fault) => fault.token === token && fault.method === method);
    if (at < 0) return next();
    const { status, description, parameters } = faults.splice(at, 1)[0];
    return res.status(status).json({ ok: false, error_code: status, description, parameters });
  });
  app.all('/bot:token/getMe', (req, res) => {
    res.json({ ok: true, result: { id: 666, is_bot: true, first_name: '策问', username: 'CewenBot' } });
  });
  app.all('/bot:token/setMyCommands', (req, res) => res.json({ ok: true, result: true }));
  app.all('/bot:token/getUpdates', async (req, res) => {
    const long = Date.now() + Math.min(200, 1000 * (req.body.timeout ?? 0));
    let result = server.getUpdates(req.params.token);
    for (; !result.length && Date.now() < long; result = server.getUpdates(req.params.token)) await pause(10);
    res.json({ ok: true, result });
  });
}];

const port = Number(process.argv[2]);
new Telegram({ port, host: '127.0.0.1' }, { routes }).start().then(() => console.log(port));
