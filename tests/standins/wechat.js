// WeChat's or WeCom's side of a callback. The codec, wechat-crypto or @wecom/crypto, is by others; the envelopes are
// as the platforms document them. Reads a job from stdin: url, codec, mode (plain, compatible, safe, wecom), token,
// appid, aesKey, timestamp, and deliveries: {xml}, a message to post, or {echo}, a handshake ({sealed: true}:
// encrypted). Prints, for each, {status, text}: the reply decrypted once its signature has been found right.
const WXBizMsgCrypt = require('wechat-crypto');
const wecom = require('@wecom/crypto');

const codecs = {
  'wechat-crypto': ({ token, aesKey, appid }) => new WXBizMsgCrypt(token, aesKey, appid),
  '@wecom/crypto': ({ token, aesKey, appid }) => ({
    getSignature: (...parts) => wecom.getSignature(token, ...parts),
    encrypt: (text) => wecom.encrypt(aesKey, text, appid),
    decrypt: (text) => wecom.decrypt(aesKey, text),
  }),
};

const field = (xml, name) => xml.match(new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, 's'))?.[1];

function open(text, job, codec) {
  const encrypted = field(text, 'Encrypt');
  const expected = codec.getSignature(field(text, 'TimeStamp'), field(text, 'Nonce'), encrypted);
  if (field(text, 'MsgSignature') !== expected) throw new Error('the reply has a wrong signature');
  const { message, id } = codec.decrypt(encrypted);
  if (id !== job.appid) throw new Error('the reply is for another account');
  return message;
}

async function deliver({ xml, echo, sealed }, nonce, job, codec) {
  const { timestamp } = job;
  const query = job.mode === 'wecom' ? { timestamp, nonce } : { timestamp, nonce, openid: 'o' };
  const encrypted = sealed || (xml && job.mode !== 'plain') ? codec.encrypt(xml ?? echo) : undefined;
  if (job.mode !== 'wecom') query.signature = codec.getSignature(timestamp, nonce, '');
  if (encrypted) Object.assign(query, job.mode === 'wecom' ? {} : { encrypt_type: 'aes' }, { msg_signature: codec.getSignature(timestamp, nonce, encrypted) });
  if (echo) query.echostr = encrypted ?? echo;
  const address = `${job.url}?${new URLSearchParams(query)}`;
  if (echo) return fetch(address);
  const plain = job.mode !== 'plain' && job.mode !== 'compatible' ? '<ToUserName><![CDATA[gh_cewen]]></ToUserName>' : xml.replace(/^<xml>|<\/xml>$/g, '');
  const body = encrypted ? `<xml>${plain}<Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>` : xml;
  return fetch(address, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
}

async function main() {
  let input = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) input += chunk;
  const job = JSON.parse(input);
  const codec = codecs[job.codec](job);
  const replies = [];
  for (const [n, delivery] of job.deliveries.entries()) {
    const response = await deliver(delivery, String(n), job, codec);
    const text = await response.text();
    const isSealed = text.startsWith('<xml>') && job.mode !== 'plain';
    replies.push({ status: response.status, text: isSealed ? open(text, job, codec) : text });
  }
  console.log(JSON.stringify(replies));
}

main();
