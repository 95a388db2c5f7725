'use strict';
// Package tablestore (npm) 5.6.5 against the emulated Tablestore.

const { Suite, assert } = require('../../harness');

assert.equal(require('tablestore/package.json').version, '5.6.5');
const suite = new Suite('tablestore/node');
for (const part of ['./tables', './rows', './ranges', './trust']) require(part)(suite);
suite.run();
