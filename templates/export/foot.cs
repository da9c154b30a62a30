<?cs # SPDX-License-Identifier: ISC ?>
</main>
</body>
</html>
