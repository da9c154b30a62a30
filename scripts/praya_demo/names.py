# SPDX-License-Identifier: ISC
"""Names as people in Hong Kong have them: Chinese characters, their Cantonese
romanisation, and for some an English given name. Put together at random, they
are nobody's in particular."""

# More frequent ones stand more often.
SURNAMES = """
陳 CHAN|陳 CHAN|陳 CHAN|李 LEE|李 LEE|黃 WONG|黃 WONG|張 CHEUNG|張 CHEUNG|林 LAM|林 LAM|王 WONG|吳 NG|吳 NG
劉 LAU|梁 LEUNG|梁 LEUNG|鄭 CHENG|何 HO|郭 KWOK|楊 YEUNG|蔡 CHOI|曾 TSANG|謝 TSE|葉 YIP|鄧 TANG|蘇 SO|馮 FUNG
周 CHOW|許 HUI|羅 LAW|盧 LO|余 YU|潘 POON|胡 WU|馬 MA|朱 CHU|徐 TSUI|簡 KAN|歐陽 AU YEUNG|關 KWAN|麥 MAK
江 KONG|方 FONG|石 SHEK|譚 TAM|杜 TO|袁 YUEN|甘 KAM|司徒 SZETO|區 AU|莫 MOK|文 MAN|丘 YAU|溫 WAN|彭 PANG
傅 FU|高 KO|唐 TONG|姚 YIU|黎 LAI|伍 NG|施 SZE|岑 SHAM|鍾 CHUNG|廖 LIU|趙 CHIU|韓 HON|孫 SUEN|阮 YUEN
"""
GIVEN = {
    "m": """
文 Man|偉 Wai|明 Ming|志 Chi|國 Kwok|強 Keung|健 Kin|俊 Chun|傑 Kit|浩 Ho|然 Yin|子 Tsz|軒 Hin|朗 Long|鴻 Hung
華 Wah|榮 Wing|輝 Fai|耀 Yiu|德 Tak|永 Wing|光 Kwong|漢 Hon|銘 Ming|智 Chi|恒 Hang|祖 Cho|棠 Tong|卓 Cheuk
皓 Ho|熙 Hei|宇 Yu|柏 Pak|諾 Nok|鈞 Kwan|希 Hei|賢 Yin|安 On|家 Ka|嘉 Ka|振 Chun|建 Kin|啟 Kai|肇 Siu
""",
    "f": """
美 Mei|玲 Ling|慧 Wai|敏 Man|嘉 Ka|欣 Yan|詠 Wing|詩 Sze|婷 Ting|怡 Yee|穎 Wing|思 Sze|雅 Nga|琪 Ki|君 Kwan
儀 Yee|芳 Fong|玉 Yuk|珍 Chun|麗 Lai|萍 Ping|雯 Man|潔 Kit|晴 Ching|曉 Hiu|彤 Tung|澄 Ching|嵐 Laam|靖 Ching
恩 Yan|心 Sum|悅 Yuet|翠 Chui|蓮 Lin|珊 Shan|燕 Yin|鳳 Fung|芷 Tsz|瑩 Ying|淑 Shuk|惠 Wai|蘭 Lan|樂 Lok|家 Ka
""",
}
ENGLISH = {
    "m": "Alan Albert Alex Andy Anson Ben Brian Calvin Chris Daniel David Dennis Derek Edmond Eric "
    "Felix Gary Gordon Henry Herman Ivan Jack Jason Jeffrey Joe Keith Kelvin Ken Kenneth Lawrence "
    "Leo Louis Marco Martin Matthew Max Michael Nelson Oscar Patrick Paul Peter Philip Raymond "
    "Ricky Roy Sam Simon Stanley Stephen Terence Thomas Tony Victor Vincent Wilson",
    "f": "Ada Agnes Alice Amy Angela Anna Annie Bonnie Carmen Carol Cathy Cherry Christine Connie "
    "Doris Eileen Elaine Emily Emma Esther Eunice Fiona Florence Gigi Grace Helen Irene Iris Ivy "
    "Jane Janet Jenny Jessica Joanna Joyce Judy Karen Kitty Lily Mandy Maggie Mandy Mavis Michelle "
    "Monica Natalie Peggy Phoebe Queenie Rachel Rebecca Rita Sandy Sharon Stella Susan Tiffany "
    "Vivian Wendy Winnie Yvonne",
}


def pairs(text):
    return [tuple(one.strip().split(" ", 1)) for line in text.split("\n") for one in line.split("|") if one]


SURNAME_PAIRS = pairs(SURNAMES)
GIVEN_PAIRS = {sex: pairs(text) for sex, text in GIVEN.items()}
ENGLISH_NAMES = {sex: text.split() for sex, text in ENGLISH.items()}


class Name:
    """One person's name in both scripts."""

    def __init__(self, rng):
        self.sex = rng.choice("mf")
        zh, self.surname = rng.choice(SURNAME_PAIRS)
        given = rng.sample(GIVEN_PAIRS[self.sex], 1 if rng.random() < 0.06 else 2)
        self.zh = zh + "".join(char for char, _ in given)
        self.given = " ".join(sound for _, sound in given)
        self.english = rng.choice(ENGLISH_NAMES[self.sex]) if rng.random() < 0.35 else None

    @property
    def en(self):
        """CHAN Tai Man, Peter"""
        return f"{self.surname} {self.given}" + (f", {self.english}" if self.english else "")

    @property
    def login(self):
        first = self.english or self.given.replace(" ", "")
        return f"{first}.{self.surname.replace(' ', '')}".lower()

    @property
    def greeting(self):
        return self.english or f"{'Mr' if self.sex == 'm' else 'Ms'} {self.surname.title()}"

    @property
    def greeting_zh(self):
        return self.zh[: len(self.zh) - len(self.given.split())] + ("先生" if self.sex == "m" else "女士")
