// SPDX-License-Identifier: MIT
//
// closes.mjs - closes its browser on SIGTERM. However often it is told: npm and an init may both
// pass the signal on.
import {launch, say, visit} from './browser.mjs';

const browser = await launch();
let closing;
process.on('SIGTERM', async () => {
	closing ??= browser.close();
	await closing;
	process.exit(0);
});
await visit(browser);
say({ready: true});
