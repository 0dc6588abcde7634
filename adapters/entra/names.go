package entra

// name is one that is written in its own script and, for addresses, in plain letters.
type name struct{ written, plain string }

// languages pair names that belong together. Some test what a server does to text: macrons, an apostrophe of either
// kind, a letter with a combining mark (Zoë as e and U+0308), Hangul, right to left, and names that are long.
var languages = []struct {
	given, family []name
	familyFirst   bool
}{
	{
		given:  []name{{"Hēmi", "hemi"}, {"Tāne", "tane"}, {"Ngāio", "ngaio"}, {"Wikitōria", "wikitoria"}},
		family: []name{{"Ngata", "ngata"}, {"Te Rangi Hīroa", "terangihiroa"}, {"Pōmare", "pomare"}},
	},
	{
		given:  []name{{"Siobhán", "siobhan"}, {"Caoimhe", "caoimhe"}, {"Aodhán", "aodhan"}},
		family: []name{{"O'Brien", "obrien"}, {"O’Súilleabháin", "osuilleabhain"}, {"Ní Dhomhnaill", "nidhomhnaill"}},
	},
	{
		given:  []name{{"José", "jose"}, {"Zoe\u0308", "zoe"}, {"François-Xavier", "francois-xavier"}, {"Begoña", "begona"}},
		family: []name{{"D'Angelo", "dangelo"}, {"Núñez de la Peña", "nunezdelapena"}, {"Lefèvre", "lefevre"}},
	},
	{
		given:  []name{{"Søren", "soren"}, {"Åsa", "asa"}, {"Þórdís", "thordis"}},
		family: []name{{"Ødegård", "odegard"}, {"Guðmundsdóttir", "gudmundsdottir"}, {"Lindström", "lindstrom"}},
	},
	{
		given:  []name{{"Łukasz", "lukasz"}, {"Jiří", "jiri"}, {"Żaneta", "zaneta"}},
		family: []name{{"Brzęczyszczykiewicz", "brzeczyszczykiewicz"}, {"Dvořák", "dvorak"}, {"Šimůnková", "simunkova"}},
	},
	{
		given:  []name{{"İpek", "ipek"}, {"Çağlar", "caglar"}, {"Işıl", "isil"}},
		family: []name{{"Yıldız", "yildiz"}, {"Gökçe", "gokce"}, {"Öztürk", "ozturk"}},
	},
	{
		given:  []name{{"Ольга", "olga"}, {"Юрій", "yurii"}},
		family: []name{{"Достоевская", "dostoevskaya"}, {"Щербина", "shcherbyna"}},
	},
	{
		given:  []name{{"Ελένη", "eleni"}, {"Θανάσης", "thanasis"}},
		family: []name{{"Παπαδοπούλου", "papadopoulou"}, {"Γεωργίου", "georgiou"}},
	},
	{
		given:  []name{{"فاطمة الزهراء", "fatima"}, {"عبد الرحمن", "abdulrahman"}},
		family: []name{{"الخوارزمي", "alkhwarizmi"}, {"بن سينا", "binsina"}},
	},
	{
		given:       []name{{"小明", "xiaoming"}, {"伟", "wei"}},
		family:      []name{{"王", "wang"}, {"欧阳", "ouyang"}},
		familyFirst: true,
	},
	{
		given:       []name{{"花子", "hanako"}, {"健太郎", "kentaro"}},
		family:      []name{{"佐藤", "sato"}, {"勅使河原", "teshigawara"}},
		familyFirst: true,
	},
	{
		given:       []name{{"민준", "minjun"}, {"서연", "seoyeon"}},
		family:      []name{{"김", "kim"}, {"남궁", "namgung"}},
		familyFirst: true,
	},
	{
		given:  []name{{"Nguyễn Thị Phương", "phuong"}, {"Đức", "duc"}},
		family: []name{{"Trần", "tran"}, {"Lưu", "luu"}},
	},
	{
		given:  []name{{"Adolph Blaine Charles David Earl Frederick Gerald Hubert Irvin", "adolph"}, {"Uvuvwevwevwe Onyetenyevwe", "uvuvwevwevwe"}},
		family: []name{{"Wolfeschlegelsteinhausenbergerdorff", "wolfe"}, {"Keihanaikukauakahihuliheekahaunaele", "keihana"}},
	},
	{
		given:  []name{{"Anna", "anna"}, {"Tom", "tom"}, {"Grace", "grace"}, {"Noor", "noor"}},
		family: []name{{"de Vries", "devries"}, {"van 't Hof", "vanthof"}, {"Smith-Jones", "smith-jones"}, {"Null", "null"}},
	},
}

var departments = []string{"Finance", "People & Culture", "Ingénierie", "Salg; Norden", "研究開発", `Customer "Care"`}

var places = []string{"Auckland", "Tāmaki Makaurau", "Utrecht", "Zürich", "København", "東京"}
