// SPDX-License-Identifier: MIT
//
// no-handler.mjs - does not know SIGTERM.
import {launch, say, visit} from './browser.mjs';

await visit(await launch());
say({ready: true});
