// SPDX-License-Identifier: MIT
//
// next.mjs - the next container with the same profile: does the browser start, and what is still
// there of the last visit?
import {launch, open, say} from './browser.mjs';

let browser;
try {
	browser = await launch();
} catch (error) {
	say({starts: false, why: error.message});
	process.exit(0);
}
const page = await open(browser);
const kept = await page.evaluate(() => ({
	cookie: document.cookie, storage: localStorage.getItem('token'),
}));
await browser.close();
say({starts: true, ...kept});
