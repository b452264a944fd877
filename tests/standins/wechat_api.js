// co-wechat-api, a client that others wrote, against the API that our tests play. Reads {prefix, appid, secret, member,
// scene, menu, text} from stdin and prints what each call gave: its answer, or {code} where it was refused.
const API = require('co-wechat-api');

async function tried(call) {
  try {
    return JSON.parse(JSON.stringify(await call())); // its big numbers become plain
  } catch (error) {
    if (error.code === undefined) throw error;
    return { code: error.code };
  }
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  const job = JSON.parse(text);
  const api = new API(job.appid, job.secret);
  api.prefix = job.prefix;
  const wrong = new API(job.appid, 'wrong');
  wrong.prefix = job.prefix;
  const told = {};
  told.token = await tried(() => api.getAccessToken());
  told.wrongSecret = await tried(() => wrong.getAccessToken());
  told.send = await tried(() => api.sendText(job.member, job.text));
  told.sendToStranger = await tried(() => api.sendText('oNobody', job.text));
  told.code = await tried(() => api.createTmpQRCode(job.scene, 1800));
  told.createMenu = await tried(() => api.createMenu(job.menu));
  told.menu = await tried(() => api.getMenu());
  told.menuConfig = await tried(() => api.getMenuConfig());
  told.followers = await tried(() => api.getFollowers());
  told.preview = await tried(() => api.previewText(job.member, job.text));
  told.mass = await tried(() => api.massSendText(job.text, null, 'once'));
  told.massAgain = await tried(() => api.massSendText(job.text, null, 'once'));
  told.massStatus = await tried(() => api.getMassMessageStatus(told.mass.msg_id));
  told.removeMenu = await tried(() => api.removeMenu());
  told.noMenu = await tried(() => api.getMenu());
  // the token that was fetched last kills the one before: the client notices, and asks again
  await tried(() => new Promise((done) => done(Object.assign(new API(job.appid, job.secret), { prefix: job.prefix }).getAccessToken())));
  told.afterDeath = await tried(() => api.getFollowers());
  process.stdout.write(JSON.stringify(told));
}

main();
