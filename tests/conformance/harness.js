'use strict';
// What every Node suite shares: the emulator's description, its control listener, and one line a case.

const assert = require('node:assert').strict;
const http = require('node:http');

const EMULATOR = JSON.parse(process.env.EMULATOR);

/** `host:port` of a service. */
const address = (service) => EMULATOR.endpoints[service].replace('http://', '');

/** The access key of an identity; that of a role has a security token. */
const keyOf = (owner) => EMULATOR.access_keys.find((key) => key.owner === owner);

/** Asks the emulator's control listener. */
function control(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const request = http.request(EMULATOR.endpoints.control + path, { method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode >= 300) reject(new Error(`${response.statusCode} ${text}`));
        else resolve(text ? JSON.parse(text) : undefined);
      });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Makes the next calls of an operation fail with an error. */
const failNext = (operation, status, code, times = 1) =>
  control('POST', '/failures', { operation, times, outcome: { error: { status, code } } });

/** The calls of an operation since the log was emptied. */
const calls = async (operation) => (await control('GET', '/calls')).filter((call) => call.operation === operation);

class Suite {
  constructor(name) {
    this.name = name;
    this.cases = [];
  }

  case(title, run) {
    this.cases.push({ title, run });
  }

  async run() {
    let failed = 0;
    for (const { title, run } of this.cases) {
      try {
        await run();
        console.log(`ok    ${this.name}: ${title}`);
      } catch (error) {
        failed += 1;
        console.log(`FAIL  ${this.name}: ${title}`);
        console.error(error);
      }
    }
    console.log(`total ${this.name}: ${this.cases.length - failed} of ${this.cases.length}`);
    process.exit(failed ? 1 : 0);
  }
}

module.exports = { EMULATOR, Suite, address, assert, calls, control, failNext, keyOf };
